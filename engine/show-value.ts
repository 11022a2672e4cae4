import type { Json } from './json.ts';
import { isDeeperThan, MAX_DEPTH } from './json-depth.ts';

/** Stands for a value that may not be shown. */
export const HIDDEN = '•••';

const MAX_SHOWN = 80;

/** A value in a message: JSON, quoted and cut short; `•••` where it is sensitive. */
export function showValue(value: Json | undefined, isSensitive: boolean): string {
  if (isSensitive) return HIDDEN;
  if (value === undefined) return 'nothing';
  if (isDeeperThan(value, MAX_DEPTH)) return '[…]';
  const text = JSON.stringify(typeof value === 'string' ? cut(value) : value);
  return typeof value === 'string' ? text : cut(text);
}

function cut(text: string): string {
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN).toWellFormed()}…` : text;
}
