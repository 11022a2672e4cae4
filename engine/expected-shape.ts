import { LEAST_RECORDS, type ShapeFinding } from './compare-shapes.ts';
import { isInside } from './field-path.ts';
import { type FieldShape, JSON_TYPES, type Shape } from './shape.ts';

export interface EndedRead {
  /** Undefined before the first read of everything. */
  readonly expected: Shape | undefined;
  readonly seen: Shape;
  readonly isWhole: boolean;
  /** What nobody has accepted yet is expected as it was. */
  readonly open: readonly ShapeFinding[];
}

/** What the next read is compared with. A read of everything takes the place of what was expected; a part of it says nothing of fields that it does not show. */
export function nextExpected({ expected, seen, isWhole, open }: EndedRead): Shape | undefined {
  if (!isWhole || seen.records === 0) return expected;
  if (expected === undefined) return seen;
  const fields = new Map(Object.entries(seen.fields));
  for (const { field } of open) {
    remove(fields, field);
    for (const [path, before] of Object.entries(expected.fields))
      if (path === field || isInside(path, field)) fields.set(path, scaled(before, expected.records, seen.records));
  }
  return { ...seen, fields: sorted(fields) };
}

/** From now on the fields found are expected as they are now. */
export function acceptFindings(expected: Shape, findings: readonly ShapeFinding[]): Shape {
  const fields = new Map(Object.entries(expected.fields));
  for (const { field, now } of findings) {
    remove(fields, field);
    if (now.present > 0) fields.set(field, scaled(now, now.records, expected.records));
  }
  return { ...expected, fields: sorted(fields) };
}

/** The paths that every record had, if only as null. */
export function alwaysThere(expected: Shape | undefined): ReadonlySet<string> {
  if (expected === undefined || expected.records < LEAST_RECORDS) return new Set();
  return new Set(Object.entries(expected.fields).flatMap(([path, { present }]) => (present === expected.records ? [path] : [])));
}

function remove(fields: Map<string, FieldShape>, field: string): void {
  for (const path of [...fields.keys()]) if (path === field || isInside(path, field)) fields.delete(path);
}

/** The same shares of another number of records. */
function scaled({ present, nulls, types }: FieldShape, from: number, to: number): FieldShape {
  const scale = (count: number) => (count === 0 ? 0 : Math.max(1, Math.round((count * to) / from)));
  const scaledTypes = JSON_TYPES.flatMap((type) => {
    const count = types[type];
    return count === undefined ? [] : [[type, scale(count)] as const];
  });
  return { present: scale(present), nulls: Math.min(scale(present), scale(nulls)), types: Object.fromEntries(scaledTypes) };
}

function sorted(fields: ReadonlyMap<string, FieldShape>): Shape['fields'] {
  return Object.fromEntries([...fields].toSorted(([one], [other]) => (one < other ? -1 : 1)));
}
