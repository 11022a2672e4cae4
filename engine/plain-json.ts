import type { Json } from './json.ts';
import { isJsonObject } from './json.ts';

/** Tells a JSON array; keeps its elements typed, which `Array.isArray` does not. */
export function isJsonArray(value: unknown): value is readonly Json[] {
  return Array.isArray(value);
}

/** Takes a value that is known to come from JSON as JSON: looks at its own kind only, not at what it holds. */
export function isJsonLike(value: unknown): value is Json {
  switch (typeof value) {
    case 'string':
    case 'number':
    case 'boolean':
    case 'object':
      return true;
    default:
      return false;
  }
}

/** Bounds of what one evaluation may give back. */
export interface OutputLimits {
  readonly maxValues: number;
  readonly maxCharacters: number;
}

/** Thrown by `toPlainJson`; its message is a fragment for an ExpressionError. */
export class NotPlainJson extends Error {}

/**
 * Makes plain JSON of what JSONata gives: lists without its marks (`sequence`, `keepSingleton`, own `push`), objects with the usual prototype. Shares
 * with the input
 * what is plain already.
 * @returns undefined for undefined
 * @throws NotPlainJson where there is a function in it, or more than the limits allow
 */
export function toPlainJson(value: unknown, limits: OutputLimits): Json | undefined {
  const budget = { values: limits.maxValues, characters: limits.maxCharacters };
  return plain(value, budget);
}

interface Budget {
  values: number;
  characters: number;
}

function plain(value: unknown, budget: Budget): Json | undefined {
  budget.values -= 1;
  if (typeof value === 'string') budget.characters -= value.length;
  if (budget.values < 0 || budget.characters < 0) throw new NotPlainJson('gives more than it may');
  if (value === undefined) return undefined;
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (isJsonArray(value)) return plainList(value, budget);
  if (isJsonObject(value)) return plainObject(value, budget);
  throw new NotPlainJson('gives a function, not a value');
}

function plainList(list: readonly Json[], budget: Budget): Json {
  let isSame = Object.keys(list).length === list.length;
  const out: Json[] = [];
  for (const item of list) {
    const clean = plain(item, budget);
    if (clean !== item) isSame = false;
    if (clean !== undefined) out.push(clean);
  }
  return isSame ? list : out;
}

function plainObject(object: { readonly [key: string]: Json }, budget: Budget): Json {
  if (isFunctionOfJsonata(object)) throw new NotPlainJson('gives a function, not a value');
  let isSame = Object.getPrototypeOf(object) === Object.prototype;
  const out: [string, Json][] = [];
  for (const key of Object.keys(object)) {
    const clean = plain(object[key], budget);
    if (clean !== object[key]) isSame = false;
    budget.characters -= key.length;
    if (clean !== undefined) out.push([key, clean]);
  }
  // fromEntries defines `__proto__` as a field like any other
  return isSame ? object : Object.fromEntries(out);
}

function isFunctionOfJsonata(object: object): boolean {
  return ('implementation' in object && typeof object.implementation === 'function') || ('apply' in object && typeof object.apply === 'function');
}
