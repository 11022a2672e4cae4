import type { Json } from './json.ts';
import { isJsonObject } from './json.ts';
import { isJsonArray } from './plain-json.ts';

/** Below this, keys keep their order: nobody's record is that deep, and a made-up one must not run out of stack. */
const SORTED_DEPTH = 200;

/**
 * JSON text that is the same for equal values whatever the order of their keys: keys sorted by code unit, numbers and strings as ECMAScript writes
 * them, no spaces (RFC 8785).
 */
export function canonicalJson(value: Json): string {
  return write(value, SORTED_DEPTH);
}

/**
 * The content hash of a value: equal for equal content, whatever the order of keys.
 * @param sha256 hashes UTF-8 text; given by the caller, as this room does no cryptography
 */
export function hashContent(value: Json, sha256: (text: string) => string): string {
  return sha256(canonicalJson(value));
}

function write(value: Json, depth: number): string {
  if (typeof value !== 'object' || depth === 0) return JSON.stringify(value);
  let text = '';
  if (isJsonArray(value)) {
    for (const item of value) text += `${text === '' ? '' : ','}${write(item, depth - 1)}`;
    return `[${text}]`;
  }
  if (!isJsonObject(value)) return 'null';
  for (const key of Object.keys(value).sort()) {
    const field = value[key];
    if (field !== undefined) text += `${text === '' ? '' : ','}${JSON.stringify(key)}:${write(field, depth - 1)}`;
  }
  return `{${text}}`;
}
