const HIDDEN = '•••';
/** Shorter values would redact half of every sentence. */
const SHORTEST = 4;

/** Hides secret values in any text: as they are, and in the forms in which they travel (URL, form, JSON, base64 at any place of a longer text). */
export function makeRedactor(secrets: readonly string[]): (text: string) => string {
  const forms = new Set(secrets.filter((secret) => secret.length >= SHORTEST).flatMap(formsOf));
  const longestFirst = [...forms].filter((form) => form.length >= SHORTEST).toSorted((one, other) => other.length - one.length);
  if (longestFirst.length === 0) return (text) => text;
  const pattern = new RegExp(longestFirst.map((form) => form.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')).join('|'), 'g');
  return (text) => text.replaceAll(pattern, HIDDEN);
}

function formsOf(secret: string): readonly string[] {
  const encoded = encodeURIComponent(secret.toWellFormed());
  const lower = encoded.replaceAll(/%[0-9A-F]{2}/g, (hex) => hex.toLowerCase());
  const inForm = new URLSearchParams([['', secret]]).toString().slice(1);
  const inJson = JSON.stringify(secret).slice(1, -1);
  return [secret, encoded, lower, inForm, inJson, ...base64Forms(secret)];
}

/** Base64 of a text that holds the secret depends on where in a group of three bytes it begins: the part that is the secret's alone, for each. */
function base64Forms(secret: string): readonly string[] {
  const whole = [Buffer.from(secret).toString('base64'), Buffer.from(secret).toString('base64url')];
  const inside = [0, 1, 2].flatMap((before) => {
    const bytes = Buffer.from(`${' '.repeat(before)}${secret}`);
    const from = Math.ceil((before * 8) / 6);
    const to = Math.floor((bytes.length * 8) / 6);
    return (['base64', 'base64url'] as const).map((encoding) => bytes.toString(encoding).slice(from, to));
  });
  // A short piece could be part of any word.
  return [...whole, ...inside.filter((piece) => piece.length >= 2 * SHORTEST)];
}
