import { isJsonObject, type Json, type JsonObject } from './json.ts';
import { isJsonArray } from './plain-json.ts';

/** Deeper than this, a slower way is taken that needs no stack: a made-up record must not stop the others. */
const RECURSIVE_DEPTH = 100;

/**
 * JSON text that is the same for equal values whatever the order of their keys: keys sorted by code unit, numbers and strings as ECMAScript writes
 * them, no spaces (RFC 8785). Any depth.
 */
export function canonicalJson(value: Json): string {
  const copy = sortedCopy(value, RECURSIVE_DEPTH);
  return copy === undefined ? writePieces(value) : JSON.stringify(copy);
}

/**
 * The content hash of a value: equal for equal content, whatever the order of keys.
 * @param sha256 hashes UTF-8 text; given by the caller, as this room does no cryptography
 */
export function hashContent(value: Json, sha256: (text: string) => string): string {
  return sha256(canonicalJson(value));
}

/** With its keys in order, for `JSON.stringify` to write at once; undefined where it is too deep, or an object would not keep them in that order. */
function sortedCopy(value: Json, depth: number): Json | undefined {
  if (typeof value !== 'object' || value === null) return value;
  if (depth === 0) return undefined;
  return isJsonArray(value) ? copyList(value, depth) : copyObject(value, depth);
}

function copyList(list: readonly Json[], depth: number): Json | undefined {
  const copy: Json[] = [];
  for (const item of list) {
    const copied = sortedCopy(item, depth - 1);
    if (copied === undefined) return undefined;
    copy.push(copied);
  }
  return copy;
}

function copyObject(object: JsonObject, depth: number): Json | undefined {
  const copy: Record<string, Json> = {};
  for (const key of sortedKeys(object)) {
    // Keys that are numbers come first in any object, and this one would be its prototype.
    if (isDigit(key.charCodeAt(0)) || key === '__proto__') return undefined;
    const field = object[key];
    if (field === undefined) continue;
    const copied = sortedCopy(field, depth - 1);
    if (copied === undefined) return undefined;
    copy[key] = copied;
  }
  return copy;
}

/** Of the object before. */
let lastKeys: { readonly asTheyCome: readonly string[]; readonly sorted: readonly string[] } = { asTheyCome: [], sorted: [] };

/** Records of one mapping have the same fields in the same order: to see that is quicker than to sort them again. */
function sortedKeys(object: JsonObject): readonly string[] {
  const keys = Object.keys(object);
  const { asTheyCome, sorted } = lastKeys;
  if (keys.length === asTheyCome.length && keys.every((key, index) => key === asTheyCome[index])) return sorted;
  lastKeys = { asTheyCome: keys, sorted: keys.toSorted() };
  return lastKeys.sorted;
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

type Pending = { readonly text: string } | { readonly value: Json };

function writePieces(value: Json): string {
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
