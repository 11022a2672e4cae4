import type { WriteEndpoint } from '../../definition/schema/connector.ts';
import type { OutgoingRecord } from '../ports.ts';

export type NamedBy = NonNullable<WriteEndpoint['results']>['by'];

/** Finds the record of a batch that a key in its answer names; undefined where it names none, or not one alone. */
export type FindPlace = (key: string) => number | undefined;

/** Places of a batch's records by how the answer names them. What two records share names neither. */
export function placesBy(records: readonly OutgoingRecord[], by: NamedBy): FindPlace {
  const exact = once(() => placesOf(records, (record, index) => nameOf(record, index, by)));
  if (by !== 'match') return (key) => exact().get(key) ?? undefined;
  // APIs answer e-mail addresses in lower case. Where case does tell records apart, it counts.
  const folded = once(() => placesOf(records, (record) => fold(record.match)));
  return (key) => (exact().has(key) ? exact().get(key) : folded().get(fold(key))) ?? undefined;
}

function nameOf(record: OutgoingRecord, index: number, by: NamedBy): string | undefined {
  return by === 'id' ? record.targetId : by === 'match' ? record.match : String(index);
}

/** Null: several have this name. */
function placesOf(
  records: readonly OutgoingRecord[],
  nameAt: (record: OutgoingRecord, index: number) => string | undefined,
): ReadonlyMap<string, number | null> {
  const places = new Map<string, number | null>();
  for (const [index, record] of records.entries()) {
    const name = nameAt(record, index);
    if (name !== undefined) places.set(name, places.has(name) ? null : index);
  }
  return places;
}

/** Most answers are read by their order, and no name is ever asked for. */
function once<Value>(make: () => Value): () => Value {
  let made: Value | undefined;
  return () => (made ??= make());
}

function fold(text: string): string {
  return text.trim().toLowerCase();
}
