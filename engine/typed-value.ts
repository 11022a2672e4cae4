import type { Json } from './json.ts';

/**
 * A value in the normal form of its type, or what is wrong with it. `problem` goes behind the value in a sentence: `is not an e-mail address`. It never
 * repeats the value.
 */
export type TypedValue = { readonly ok: true; readonly value: Json } | { readonly ok: false; readonly problem: string };
