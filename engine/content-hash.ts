import type { Json } from './json.ts';
import { isJsonObject } from './json.ts';
import { isJsonArray } from './plain-json.ts';

/** Below this, a slower way is taken that needs no stack: a made-up record must not stop the others. */
const RECURSIVE_DEPTH = 100;

/**
 * JSON text that is the same for equal values whatever the order of their keys: keys sorted by code unit, numbers and strings as ECMAScript writes
 * them, no spaces (RFC 8785). Any depth.
 */
export function canonicalJson(value: Json): string {
  return write(value, RECURSIVE_DEPTH);
}

/**
 * The content hash of a value: equal for equal content, whatever the order of keys.
 * @param sha256 hashes UTF-8 text; given by the caller, as this room does no cryptography
 */
export function hashContent(value: Json, sha256: (text: string) => string): string {
  return sha256(canonicalJson(value));
}

function write(value: Json, depth: number): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (depth === 0) return writeDeep(value);
  let text = '';
  if (isJsonArray(value)) {
    for (const item of value) text += `${text === '' ? '' : ','}${write(item, depth - 1)}`;
    return `[${text}]`;
  }
  for (const [key, field] of sortedFields(value)) text += `${text === '' ? '' : ','}${JSON.stringify(key)}:${write(field, depth - 1)}`;
  return `{${text}}`;
}

type Pending = { readonly text: string } | { readonly value: Json };

function writeDeep(value: Json): string {
  let text = '';
  const pending: Pending[] = [{ value }];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if ('text' in next) text += next.text;
    else if (typeof next.value !== 'object' || next.value === null) text += JSON.stringify(next.value);
    else pending.push(...partsOf(next.value).toReversed());
  }
  return text;
}

/** A list or object cut into its punctuation and what it holds. */
function partsOf(value: Json): Pending[] {
  const comma = (index: number): Pending => ({ text: index === 0 ? '' : ',' });
  if (isJsonArray(value)) return [{ text: '[' }, ...value.flatMap((item, index) => [comma(index), { value: item }]), { text: ']' }];
  const fields = sortedFields(value).flatMap(([key, field], index) => [comma(index), { text: `${JSON.stringify(key)}:` }, { value: field }]);
  return [{ text: '{' }, ...fields, { text: '}' }];
}

function sortedFields(value: Json): [string, Json][] {
  if (!isJsonObject(value)) return [];
  const fields: [string, Json][] = [];
  for (const key of Object.keys(value).sort()) {
    const field = value[key];
    if (field !== undefined) fields.push([key, field]);
  }
  return fields;
}
