/** The name of a table or column as SQL takes it, whatever characters it has. */
export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** `crm.contacts` is a table in a schema. A part in double quotes is taken as it is: `"my.table"`. */
export function tablePath(name: string): readonly string[] {
  const parts = [...name.matchAll(/(?:^|\.)(?:"((?:[^"]|"")*)"(?=\.|$)|([^.]*))/g)].map(([, quoted, plain = '']) => quoted?.replaceAll('""', '"') ?? plain);
  return parts.length === 0 || parts.includes('') ? [name] : parts;
}

export function quoteTable(name: string): string {
  return tablePath(name).map(quoteName).join('.');
}
