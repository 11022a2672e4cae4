import { isJsonObject, type Json } from '../engine/json.ts';

/** Deeper JSON is no record but an attack, or a mistake. */
const MAX_DEPTH = 200;
/** So many digits in a row are perhaps an integer that a double does not hold. Also met inside of strings: then the careful way is merely slower. */
const LONG_NUMBER = 16;
/** Perhaps a number so large that it would become infinite. */
const HUGE_NUMBER = /\d[eE]\+?\d{3}/;
/** `_`, escaped. */
const ESCAPED_UNDERSCORES = ['\\u005f', '\\u005F'];

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
  return !hasLongNumber(text) && !HUGE_NUMBER.test(text) && !text.includes('__proto__') && !ESCAPED_UNDERSCORES.some((escaped) => text.includes(escaped));
}

/** Of so many digits in a row one stands at each such distance: the others need not be looked at. */
function hasLongNumber(text: string): boolean {
  for (let at = LONG_NUMBER - 1; at < text.length; at += LONG_NUMBER) {
    if (!isDigit(text, at)) continue;
    let [first, last] = [at, at];
    while (isDigit(text, first - 1)) first -= 1;
    while (isDigit(text, last + 1)) last += 1;
    if (last - first + 1 >= LONG_NUMBER) return true;
  }
  return false;
}

function isDigit(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code >= 48 && code <= 57;
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
