import { isJsonObject, type Json } from './json.ts';

/** JSONata's own notion of truth (its `$boolean`): empty texts, lists and objects are false, and so is a list of nothing but false values. */
export function isTruthy(value: Json | undefined): boolean {
  if (Array.isArray(value)) return value.some((item: Json) => isTruthy(item));
  if (isJsonObject(value)) return Object.keys(value).length > 0;
  return Boolean(value);
}
