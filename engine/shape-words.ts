import { assertNever } from './assert-never.ts';
import type { MetField, ShapeFinding } from './compare-shapes.ts';
import { JSON_TYPES, valuesOf } from './shape.ts';

/** What has become of a field, in words; names and counts alone. */
export function wordsOfFinding({ change, field, uses, before, now }: ShapeFinding): string {
  const use = uses.length === 0 ? '' : ` (used by ${uses.join(', ')})`;
  switch (change) {
    case 'vanished':
      return `${field} has vanished: ${share(before.present, before)} had it, now none of ${now.records}${use}`;
    case 'all-null':
      return `${field} is null in every record: ${share(valuesOf(before), before)} had a value, now none of ${now.records}${use}`;
    case 'type':
      return `${field} was a ${typesOf(before)} and is a ${typesOf(now)}${use}`;
    case 'new':
      return `${field} is new: a ${typesOf(now)}, in ${share(now.present, now)}`;
    default:
      return assertNever(change);
  }
}

function share(records: number, { records: all }: MetField): string {
  return records === all ? `all of ${all} records` : `${records} of ${all} records`;
}

/** The commonest kind first. */
function typesOf({ types }: MetField): string {
  const met = JSON_TYPES.filter((type) => types[type] !== undefined).toSorted((one, other) => (types[other] ?? 0) - (types[one] ?? 0));
  return met.length === 0 ? 'null' : met.join(' or ');
}
