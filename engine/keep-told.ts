import type { KnownRecord } from './diff.ts';
import type { Json, JsonObject } from './json.ts';

/** Of a record that was taken from the target by a change of it, what it was told is no word of the source. */
const ARCHIVED = 'archived';

/**
 * A mapped record, in which the fields that are made of what has vanished stay as the target was told last: absent is not null. Where nothing was told, or it is not kept,
 * they are left out.
 */
export function keepTold(
  { fields, vanished }: { readonly fields: JsonObject; readonly vanished?: readonly string[] },
  known: (Pick<KnownRecord, 'contentHash'> & { readonly fields?: JsonObject }) | undefined,
): JsonObject {
  const told = known?.fields;
  if (vanished === undefined || told === undefined || known?.contentHash === ARCHIVED) return fields;
  const kept = vanished.flatMap((field): [string, Json][] => {
    const value = Object.hasOwn(told, field) ? told[field] : undefined;
    return value === undefined ? [] : [[field, value]];
  });
  return kept.length === 0 ? fields : Object.fromEntries([...Object.entries(fields), ...kept]);
}
