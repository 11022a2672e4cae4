/** The name of a connector's secret: `acme-crm` and `TOKEN` give `ACME_CRM_TOKEN`. */
export function secretName(connector: string, what: string): string {
  const stem = connector
    .toUpperCase()
    .replaceAll(/[^A-Z0-9]+/g, '_')
    .replaceAll(/^_+|_+$/g, '');
  return `${/^[0-9]/.test(stem) || stem === '' ? `API_${stem}` : stem}_${what}`;
}

/** How a definition refers to it. */
export function secretReference(name: string): string {
  return `\${secret:${name}}`;
}

/** How a definition refers to what is no secret, and differs from account to account. */
export function settingReference(name: string): string {
  return `\${env:${name}}`;
}
