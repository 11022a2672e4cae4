import type { Json } from './json.ts';
import { isJsonObject } from './json.ts';
import { isJsonArray } from './plain-json.ts';

/**
 * JSON text that is the same for equal values whatever the order of their keys: keys sorted by code unit, numbers and strings as ECMAScript writes them,
 * no spaces (RFC 8785).
 */
export function canonicalJson(value: Json): string {
  if (isJsonArray(value)) return canonicalList(value);
  if (!isJsonObject(value)) return JSON.stringify(value);
  let text = '';
  for (const key of Object.keys(value).sort()) {
    const field = value[key];
    if (field === undefined) continue;
    text += `${text === '' ? '' : ','}${JSON.stringify(key)}:${canonicalJson(field)}`;
  }
  return `{${text}}`;
}

/** A loop, as `map` would take twice the stack, and what is hashed may be deep. */
function canonicalList(list: readonly Json[]): string {
  let text = '';
  for (const item of list) text += `${text === '' ? '' : ','}${canonicalJson(item)}`;
  return `[${text}]`;
}

/**
 * The content hash of a value: equal for equal content, whatever the order of keys.
 * @param sha256 hashes UTF-8 text; given by the caller, as this room does no cryptography
 */
export function hashContent(value: Json, sha256: (text: string) => string): string {
  return sha256(canonicalJson(value));
}
