import { compositeKey } from './composite-key.ts';
import type { JsonObject } from './json.ts';

/** Between the fields of a match key that has several. */
const AND = ' + ';

/** A match key as the definition keeps it: the name of a field, or of several that identify a record together. */
export function matchKeyOf(fields: readonly string[]): string {
  return fields.join(AND);
}

/** The fields of a match key. */
export function matchFields(matchOn: string): readonly string[] {
  return matchOn.split(AND);
}

/** The value by which a record is matched, as text; undefined where it has none that could identify a record. */
export function matchValue(fields: JsonObject, matchOn: string): string | undefined {
  return compositeKey(matchFields(matchOn).map((name) => (Object.hasOwn(fields, name) ? fields[name] : undefined)));
}
