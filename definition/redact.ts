const HIDDEN = '•••';
/** Shorter values would redact half of every sentence. */
const SHORTEST = 6;

/** Hides secret values, as they are and in the forms in which they travel (URL, base64), in any text. */
export function makeRedactor(secrets: readonly string[]): (text: string) => string {
  const forms = secrets
    .filter((secret) => secret.length >= SHORTEST)
    .flatMap((secret) => [secret, encodeURIComponent(secret), Buffer.from(secret).toString('base64')])
    .toSorted((one, other) => other.length - one.length);
  return (text) => forms.reduce((redacted, form) => redacted.replaceAll(form, HIDDEN), text);
}
