import type { ValueType } from './field-rule.ts';
import type { Json } from './json.ts';
import type { TypedValue } from './typed-value.ts';

const PROBLEM = "is a day written as one number, which would be taken for seconds: write expression: $toMillis($string(FIELD), '[Y0001][M01][D01]')";

/** What is wrong with a number such as 20240131 as a date or a time: as seconds it is a day of 1970. Undefined where nothing is. */
export function dateNumberProblem(value: Json, type: ValueType): Extract<TypedValue, { readonly ok: false }> | undefined {
  if ((type !== 'date' && type !== 'datetime') || typeof value !== 'number') return undefined;
  const [, year = '', month = '', day = ''] = /^((?:18|19|20|21)\d\d)(\d\d)(\d\d)$/.exec(String(value)) ?? [];
  const at = new Date(`${year}-${month}-${day}T00:00:00Z`);
  return at.getUTCDate() === Number(day) ? { ok: false, problem: PROBLEM } : undefined;
}
