import { areRelated, isInside } from './field-path.ts';
import { type FieldShape, fieldOf, JSON_TYPES, type JsonType, type Shape, valuesOf } from './shape.ts';

/** What may happen to a field between two reads. `new` is told, and is never drift. */
export const SHAPE_CHANGES = ['vanished', 'all-null', 'type', 'new'] as const;
export type ShapeChange = (typeof SHAPE_CHANGES)[number];

/** A field as it was met in so many records. */
export interface MetField extends FieldShape {
  readonly records: number;
}

export interface ShapeFinding {
  readonly change: ShapeChange;
  /** Its path in the source record. */
  readonly field: string;
  /** Where the definition uses it: `mapping.phone`, `source.filter`; nowhere: it is told, and stops nothing. */
  readonly uses: readonly string[];
  readonly before: MetField;
  readonly now: MetField;
}

/** A path of the source record that the definition reads. */
export interface UsedField {
  readonly use: string;
  readonly path: string;
}

export interface ShapeComparison {
  /** Of a read of everything. */
  readonly expected: Shape;
  readonly seen: Shape;
  /** Everything was read; else a window of it, or a segment. */
  readonly isWhole: boolean;
  readonly used: readonly UsedField[];
}

/** So many records must lack what they should have had: fewer prove nothing. */
export const LEAST_RECORDS = 10;

/** A change of something that the definition uses. */
export function isDrift({ change, uses }: Pick<ShapeFinding, 'change' | 'uses'>): boolean {
  return change !== 'new' && uses.length > 0;
}

/**
 * What has become of the fields of a source, in the order of their paths; of a field and what is inside of it, only the outer one is told.
 *
 * A field is missed where at least ten records should have had it, by the share of records that had it before, and none has. In a part of the source that share says
 * little, as records of one kind stand together there: then only a field is missed that every record had.
 */
export function compareShapes(comparison: ShapeComparison): readonly ShapeFinding[] {
  const { expected, seen, used } = comparison;
  if (expected.records === 0 || seen.records === 0) return [];
  const findings: ShapeFinding[] = [];
  for (const field of [...new Set([...Object.keys(expected.fields), ...Object.keys(seen.fields)])].toSorted()) {
    if (findings.some((finding) => isInside(field, finding.field))) continue;
    const before = metField(expected, field);
    const now = metField(seen, field);
    const change = changeOf(before, now, comparison, field);
    if (change !== undefined) findings.push({ change, field, uses: usesOf(used, field), before, now });
  }
  return findings;
}

function changeOf(before: MetField, now: MetField, { isWhole, seen, used }: ShapeComparison, field: string): ShapeChange | undefined {
  if (before.present === 0) return 'new';
  const isMissed = (recordsBefore: number) => now.records * (recordsBefore / before.records) >= LEAST_RECORDS && (isWhole || recordsBefore === before.records);
  // Where not all fields were kept, one that nobody asked for may be there and not be counted.
  const isKnown = !seen.isCut || used.some(({ path }) => path === field || isInside(path, field));
  if (now.present === 0) return isKnown && isMissed(before.present) ? 'vanished' : undefined;
  if (valuesOf(now) === 0) return isMissed(valuesOf(before)) ? 'all-null' : undefined;
  return newType(before, now) === undefined ? undefined : 'type';
}

/** A kind of value that was never met, and now is that of at least half. */
function newType(before: MetField, now: MetField): JsonType | undefined {
  const values = valuesOf(now);
  if (valuesOf(before) < LEAST_RECORDS || values < LEAST_RECORDS) return undefined;
  return JSON_TYPES.find((type) => before.types[type] === undefined && (now.types[type] ?? 0) * 2 >= values);
}

/** What an earlier read found, and this one does not refute: it met too little of the field, and of its uses there are some still. */
export function stillOpen(earlier: readonly ShapeFinding[], { seen, used }: Pick<ShapeComparison, 'seen' | 'used'>): readonly ShapeFinding[] {
  return earlier.flatMap((finding) => {
    const uses = usesOf(used, finding.field);
    return uses.length === 0 || isRefuted(finding, metField(seen, finding.field)) ? [] : [{ ...finding, uses }];
  });
}

function isRefuted({ change, before }: ShapeFinding, now: MetField): boolean {
  if (change === 'vanished') return now.present > 0;
  if (change === 'all-null') return valuesOf(now) > 0;
  return JSON_TYPES.some((type) => before.types[type] !== undefined && (now.types[type] ?? 0) * 2 >= valuesOf(now) && valuesOf(now) > 0);
}

function usesOf(used: readonly UsedField[], field: string): readonly string[] {
  return [...new Set(used.filter(({ path }) => areRelated(path, field)).map(({ use }) => use))];
}

const NEVER_MET: FieldShape = { present: 0, nulls: 0, types: {} };

function metField(shape: Shape, field: string): MetField {
  return { ...(fieldOf(shape, field) ?? NEVER_MET), records: shape.records };
}
