/** Kinds of JSON values but null. */
export const JSON_TYPES = ['string', 'number', 'boolean', 'object', 'list'] as const;
export type JsonType = (typeof JSON_TYPES)[number];

/** What was met of one field, in records. */
export interface FieldShape {
  /** Records that have it, if only as null. */
  readonly present: number;
  readonly nulls: number;
  /** Records by the kind of its value; only kinds that were met. */
  readonly types: Readonly<Partial<Record<JsonType, number>>>;
}

/** What a read met: its fields by path (`` address.city ``, in lists that of the first element), and never a value. */
export interface Shape {
  readonly records: number;
  /** There were more or deeper fields than are kept: nothing is known of the others. */
  readonly isCut: boolean;
  readonly fields: Readonly<Record<string, FieldShape>>;
}

/** One shape of all that was met by several reads. */
export function mergeShapes(shapes: readonly Shape[]): Shape {
  const fields = new Map<string, FieldShape>();
  for (const shape of shapes)
    for (const [path, field] of Object.entries(shape.fields)) {
      const known = fields.get(path);
      fields.set(path, known === undefined ? field : addFields(known, field));
    }
  return {
    records: shapes.reduce((sum, shape) => sum + shape.records, 0),
    isCut: shapes.some((shape) => shape.isCut),
    fields: Object.fromEntries([...fields].toSorted(([one], [other]) => (one < other ? -1 : 1))),
  };
}

function addFields(one: FieldShape, other: FieldShape): FieldShape {
  const types: Partial<Record<JsonType, number>> = { ...one.types };
  for (const type of JSON_TYPES) {
    const more = other.types[type];
    if (more !== undefined) types[type] = (types[type] ?? 0) + more;
  }
  return { present: one.present + other.present, nulls: one.nulls + other.nulls, types };
}

/** What is known of a field; undefined where no record had it. */
export function fieldOf(shape: Shape, path: string): FieldShape | undefined {
  return Object.hasOwn(shape.fields, path) ? shape.fields[path] : undefined;
}

/** Records in which the field has a value. */
export function valuesOf(field: FieldShape): number {
  return field.present - field.nulls;
}
