import { canonicalJson } from './content-hash.ts';
import type { Json, JsonObject } from './json.ts';

/** A value as targets show it: they answer numbers as text, and nulls as absent. */
export function shownText(value: Json | undefined): string {
  if (value === null || value === undefined) return '';
  return typeof value === 'object' ? canonicalJson(value) : String(value);
}

/** Whether a target that shows these fields has just what would be sent. A mere difference of form costs an update that changes nothing. */
export function isShown(fields: JsonObject, shown: JsonObject): boolean {
  return Object.entries(fields).every(([name, value]) => shownText(value) === shownText(Object.hasOwn(shown, name) ? shown[name] : undefined));
}

/** Of what a target shows of a record in the fields named: tells whether anyone changed them since. */
export function shownHash(fields: readonly string[], shown: JsonObject, sha256: (text: string) => string): string {
  return sha256(canonicalJson(Object.fromEntries(fields.map((field) => [field, shownText(Object.hasOwn(shown, field) ? shown[field] : undefined)]))));
}
