import type { Json } from '../engine/json.ts';

/** Shorter ones are words that stand in a text for other reasons. */
const SHORTEST = 6;
const HIDDEN = '•••';

/** A text of an API without our secrets, which some repeat in their answers. */
export function hideSecrets(text: string, secrets: readonly (string | undefined)[]): string {
  let shown = text;
  for (const form of formsOf(secrets)) if (shown.includes(form)) shown = shown.replaceAll(form, HIDDEN);
  return shown;
}

/** The same for all texts of an answer's body, at any depth; the body itself where it holds none. */
export function hideSecretsIn(body: Json, secrets: readonly (string | undefined)[]): Json {
  const forms = formsOf(secrets);
  if (forms.length === 0) return body;
  const hide = (value: Json): Json => {
    if (typeof value === 'string') return forms.some((form) => value.includes(form)) ? hideSecrets(value, secrets) : value;
    if (Array.isArray(value)) return value.map(hide);
    if (typeof value === 'object' && value !== null) return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, hide(item)]));
    return value;
  };
  return hide(body);
}

/** As it is, and in the ways in which it travels; the longest first. */
function formsOf(secrets: readonly (string | undefined)[]): readonly string[] {
  const forms = secrets
    .filter((secret) => secret !== undefined)
    .filter((secret) => secret.length >= SHORTEST)
    .flatMap((secret) => [
      secret,
      encodeURIComponent(secret.toWellFormed()),
      new URLSearchParams([['', secret]]).toString().slice(1),
      JSON.stringify(secret).slice(1, -1),
      Buffer.from(secret).toString('base64'),
    ]);
  return [...new Set(forms)].toSorted((one, other) => other.length - one.length);
}
