import { isJsonObject, type Json } from './json.ts';

/** Deeper JSON is no record but an attack, or a mistake. */
const MAX_DEPTH = 200;
export type Parsed = { readonly is: 'json'; readonly value: Json } | { readonly is: 'not-json' } | { readonly is: 'too-deep'; readonly maxDepth: number };

/**
 * Parses untrusted JSON. Integers beyond 2^53 stay whole, as text: an id must not silently become another. Keys named `__proto__` are left out.
 * Ordinary JSON goes the quick way: one look at what it holds tells.
 */
export function parseJson(text: string): Parsed {
  try {
    const value: Json = JSON.parse(text);
    const trouble = findTrouble(value, MAX_DEPTH);
    if (trouble === undefined) return { is: 'json', value };
    return trouble === 'too-deep' ? { is: 'too-deep', maxDepth: MAX_DEPTH } : parseCarefully(text);
  } catch (error) {
    return error instanceof RangeError ? { is: 'too-deep', maxDepth: MAX_DEPTH } : { is: 'not-json' };
  }
}

/** It descends by calls, which run out where the nesting is absurd. */
function parseCarefully(text: string): Parsed {
  const value: Json = JSON.parse(text, careful);
  return findTrouble(value, MAX_DEPTH) === 'too-deep' ? { is: 'too-deep', maxDepth: MAX_DEPTH } : { is: 'json', value };
}

function careful(key: string, value: unknown, context?: { readonly source?: string }): unknown {
  if (key === '__proto__') return undefined;
  if (typeof value !== 'number' || context?.source === undefined) return value;
  const isLongInteger = !Number.isSafeInteger(value) && /^-?\d+$/.test(context.source);
  return isLongInteger || !Number.isFinite(value) ? context.source : value;
}

/** A number that perhaps was another in the text, a key that would change the prototype of whatever it is assigned to, or too many levels. */
function findTrouble(value: Json, levels: number): 'altered' | 'too-deep' | undefined {
  if (typeof value === 'number') return isExact(value) ? undefined : 'altered';
  if (typeof value !== 'object' || value === null) return undefined;
  if (levels === 0) return 'too-deep';
  if (!isJsonObject(value)) {
    for (const item of value) {
      const trouble = findTrouble(item, levels - 1);
      if (trouble !== undefined) return trouble;
    }
    return undefined;
  }
  for (const key in value) {
    if (key === '__proto__') return 'altered';
    const trouble = findTrouble(value[key] ?? null, levels - 1);
    if (trouble !== undefined) return trouble;
  }
  return undefined;
}

/** An integer that a double does not hold is read as 2^53 or more, and a number without end as infinite. */
function isExact(value: number): boolean {
  return value <= Number.MAX_SAFE_INTEGER && value >= Number.MIN_SAFE_INTEGER;
}
