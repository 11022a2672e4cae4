import type { Json } from './json.ts';

/** The key that one or several values are together, as text: several have a slash between them. Undefined where one has no value. */
export function compositeKey(values: readonly (Json | undefined)[]): string | undefined {
  const [only] = values;
  if (values.length === 1) return textOf(only);
  const texts = values.map(textOf);
  return texts.every((text) => text !== undefined) ? texts.map((text) => text.replaceAll(/[\\/]/g, String.raw`\$&`)).join('/') : undefined;
}

/** The values that a key was made of, as text; undefined where it has another number of them. */
export function keyParts(key: string, count: number): readonly string[] | undefined {
  if (count === 1) return [key];
  const parts = [''];
  for (let at = 0; at < key.length; at++) {
    const letter = key[at];
    if (letter === '/') parts.push('');
    else parts.push(`${parts.pop() ?? ''}${letter === '\\' ? (key[++at] ?? '') : (letter ?? '')}`);
  }
  return parts.length === count ? parts : undefined;
}

function textOf(value: Json | undefined): string | undefined {
  if (typeof value === 'string') return value.trim() === '' ? undefined : value.toWellFormed();
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
}
