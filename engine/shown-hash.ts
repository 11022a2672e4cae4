import { canonicalJson } from './content-hash.ts';
import type { Json, JsonObject } from './json.ts';

/** Of what a target shows of a record in the fields named: tells whether anyone changed them since. Numbers and text that read alike are alike, null is absent. */
export function shownHash(fields: readonly string[], shown: JsonObject, sha256: (text: string) => string): string {
  const values = fields.map((field): readonly [string, string] => [field, asText(Object.hasOwn(shown, field) ? shown[field] : undefined)]);
  return sha256(canonicalJson(Object.fromEntries(values)));
}

function asText(value: Json | undefined): string {
  if (value === null || value === undefined) return '';
  return typeof value === 'object' ? canonicalJson(value) : String(value);
}
