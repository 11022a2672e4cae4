import type { Json } from '../engine/json.ts';

/** Shorter ones are words that stand in a text for other reasons. */
const SHORTEST = 6;
const HIDDEN = '•••';
/** More than an account has at a time; rotated tokens come and go. */
const MOST_REMEMBERED = 200;

/** By secret: the ways in which it travels. */
const remembered = new Map<string, readonly string[]>();

/** A text of an API without our secrets, which some repeat in their answers. */
export function hideSecrets(text: string, secrets: readonly (string | undefined)[], by = HIDDEN): string {
  return hide(text, formsOf(secrets), by);
}

/** The same for all texts of an answer's body, at any depth, names too; the body itself where there is no secret. */
export function hideSecretsIn(body: Json, secrets: readonly (string | undefined)[], by = HIDDEN): Json {
  const forms = formsOf(secrets);
  if (forms.length === 0) return body;
  const walk = (value: Json): Json => {
    if (typeof value === 'string') return hide(value, forms, by);
    if (Array.isArray(value)) return value.map(walk);
    if (typeof value === 'object' && value !== null)
      return Object.fromEntries(Object.entries(value).map(([name, item]) => [hide(name, forms, by), walk(item)]));
    return value;
  };
  return walk(body);
}

function hide(text: string, forms: readonly string[], by: string): string {
  let shown = text;
  for (const form of forms) if (shown.length >= form.length && shown.includes(form)) shown = shown.replaceAll(form, by);
  return shown;
}

/** Whether a text, or JSON that is written in it, holds one of the secrets. */
export function holdsSecret(text: string, secrets: readonly (string | undefined)[]): boolean {
  return formsOf(secrets).some((form) => text.includes(form));
}

/** The longest first. */
function formsOf(secrets: readonly (string | undefined)[]): readonly string[] {
  const forms = secrets.filter((secret) => secret !== undefined && secret.length >= SHORTEST).flatMap((secret) => rememberedForms(secret ?? ''));
  return forms.length === 0 ? forms : [...new Set(forms)].toSorted((one, other) => other.length - one.length);
}

function rememberedForms(secret: string): readonly string[] {
  const known = remembered.get(secret);
  if (known !== undefined) return known;
  if (remembered.size >= MOST_REMEMBERED) remembered.clear();
  const forms = formsOfOne(secret);
  remembered.set(secret, forms);
  return forms;
}

/** As it is, and in the ways in which it travels. */
function formsOfOne(secret: string): readonly string[] {
  const inUrl = encodeURIComponent(secret.toWellFormed());
  const inJson = JSON.stringify(secret).slice(1, -1);
  const bytes = Buffer.from(secret);
  return [
    secret,
    inUrl,
    inUrl.replaceAll(/%[0-9A-F]{2}/g, (hex) => hex.toLowerCase()),
    new URLSearchParams([['', secret]]).toString().slice(1),
    inJson,
    // As PHP writes it.
    inJson.replaceAll('/', '\\/'),
    bytes.toString('base64').replace(/=+$/, ''),
    bytes.toString('base64url'),
    bytes.toString('hex'),
  ];
}
