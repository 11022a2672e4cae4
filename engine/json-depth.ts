import type { Json } from './json.ts';
import { isJsonObject } from './json.ts';
import { isJsonArray } from './plain-json.ts';

/** Lists and objects in one another that a field value may have: no API takes more, and code that walks deeper may run out of stack. */
export const MAX_DEPTH = 100;

/** Whether a value nests deeper than `depth` levels. Never looks deeper itself. */
export function isDeeperThan(value: Json, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (depth === 0) return true;
  if (isJsonArray(value)) return value.some((item) => isDeeperThan(item, depth - 1));
  return isJsonObject(value) && Object.values(value).some((item) => isDeeperThan(item, depth - 1));
}
