import { canonicalJson } from './content-hash.ts';
import type { LookupRule } from './field-rule.ts';
import type { Json } from './json.ts';
import { isDeeperThan, MAX_DEPTH } from './json-depth.ts';

/**
 * The form in which lookup values are compared; used for the table's side and the record's side alike. `normalized`: trimmed, lower case, Unicode NFC.
 * @returns undefined where there is nothing to look up: null, absent, or empty text
 */
export function normalizeLookupValue(value: Json | undefined, compare: LookupRule['compare']): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (isDeeperThan(value, MAX_DEPTH)) return '[…]';
  const text = typeof value === 'object' ? canonicalJson(value) : String(value);
  const compared = compare === 'normalized' ? text.trim().toLowerCase().normalize('NFC') : text;
  return compared === '' ? undefined : compared;
}
