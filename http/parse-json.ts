import { isJsonObject, type Json } from '../engine/json.ts';

/** Deeper JSON is no record but an attack, or a mistake. */
const MAX_DEPTH = 200;
/** Perhaps an integer that a double does not hold. Also met inside of strings: then the careful way is merely slower. */
const LONG_NUMBER = /\d{16}/;
/** Perhaps a number so large that it would become infinite. */
const HUGE_NUMBER = /\d[eE]\+?\d{3}/;
/** `_`, escaped. */
const ESCAPED_UNDERSCORE = /\\u005f/i;

export type Parsed = { readonly is: 'json'; readonly value: Json } | { readonly is: 'not-json' } | { readonly is: 'too-deep'; readonly maxDepth: number };

/**
 * Parses untrusted JSON. Integers beyond 2^53 stay whole, as text: an id must not silently become another. Keys named `__proto__` are left out.
 * Ordinary JSON goes the quick way: a few searches of the text tell.
 */
export function parseJson(text: string): Parsed {
  try {
    const value: Json = isOrdinary(text) ? JSON.parse(text) : JSON.parse(text, careful);
    return isDeeper(value, MAX_DEPTH) ? { is: 'too-deep', maxDepth: MAX_DEPTH } : { is: 'json', value };
  } catch (error) {
    // The careful way descends by calls, which run out where the nesting is absurd.
    return error instanceof RangeError ? { is: 'too-deep', maxDepth: MAX_DEPTH } : { is: 'not-json' };
  }
}

function isOrdinary(text: string): boolean {
  // A key named __proto__ would change the prototype of whatever it is assigned to.
  return !LONG_NUMBER.test(text) && !HUGE_NUMBER.test(text) && !text.includes('__proto__') && !ESCAPED_UNDERSCORE.test(text);
}

function careful(key: string, value: unknown, context?: { readonly source?: string }): unknown {
  if (key === '__proto__') return undefined;
  if (typeof value !== 'number' || context?.source === undefined) return value;
  const isLongInteger = !Number.isSafeInteger(value) && /^-?\d+$/.test(context.source);
  return isLongInteger || !Number.isFinite(value) ? context.source : value;
}

function isDeeper(value: Json, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (levels === 0) return true;
  if (!isJsonObject(value)) return value.some((item) => typeof item === 'object' && isDeeper(item, levels - 1));
  for (const key in value) {
    const item = value[key];
    if (typeof item === 'object' && isDeeper(item, levels - 1)) return true;
  }
  return false;
}
