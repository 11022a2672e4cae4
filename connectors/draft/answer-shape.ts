import { isJsonObject, type Json } from '../../engine/json.ts';
import { isJsonArray } from '../../engine/plain-json.ts';

export type ScalarType = 'string' | 'url' | 'number' | 'boolean' | 'null' | 'unknown';

/** What an answer looks like, told by a schema or by an answer itself. */
export type AnswerShape =
  | { readonly kind: 'list'; readonly item: AnswerShape }
  | { readonly kind: 'object'; readonly fields: Readonly<Record<string, AnswerShape>> }
  | { readonly kind: 'scalar'; readonly type: ScalarType };

export type ObjectShape = Extract<AnswerShape, { readonly kind: 'object' }>;

export const UNKNOWN: AnswerShape = { kind: 'scalar', type: 'unknown' };
const MAX_DEPTH = 6;
/** Records of a list that are looked at: together they show fields that one alone may lack. */
const MAX_RECORDS = 20;

/** The shape of an answer that came. */
export function shapeOfJson(value: Json, depth = 0): AnswerShape {
  if (depth > MAX_DEPTH) return UNKNOWN;
  if (isJsonArray(value)) return { kind: 'list', item: mergeShapes(value.slice(0, MAX_RECORDS).map((item) => shapeOfJson(item, depth + 1))) };
  if (isJsonObject(value))
    return { kind: 'object', fields: Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, shapeOfJson(inner, depth + 1)])) };
  return { kind: 'scalar', type: scalarType(value) };
}

/** One shape for values of the same place: of objects all fields; of others the first that says anything. */
export function mergeShapes(shapes: readonly AnswerShape[]): AnswerShape {
  const objects = shapes.filter((shape) => shape.kind === 'object');
  const [first] = objects;
  if (first === undefined)
    return shapes.find((shape) => shape.kind !== 'scalar' || (shape.type !== 'null' && shape.type !== 'unknown')) ?? shapes[0] ?? UNKNOWN;
  const fields: Record<string, AnswerShape> = {};
  for (const object of objects) {
    for (const [name, shape] of Object.entries(object.fields)) fields[name] = fields[name] === undefined ? shape : mergeShapes([fields[name], shape]);
  }
  return { kind: 'object', fields };
}

function scalarType(value: Json): ScalarType {
  if (value === null) return 'null';
  if (typeof value === 'string') return /^(https?:\/\/|\/[^/])/.test(value) ? 'url' : 'string';
  return typeof value === 'number' ? 'number' : typeof value === 'boolean' ? 'boolean' : 'unknown';
}

/** A field of an answer that is no list, by where it stands. */
export interface ScalarField {
  readonly path: readonly string[];
  readonly type: ScalarType;
}

/** All values of an answer that stand in no list, the outermost first. */
export function scalarsOf(shape: AnswerShape, path: readonly string[] = []): readonly ScalarField[] {
  if (shape.kind === 'scalar') return path.length === 0 ? [] : [{ path, type: shape.type }];
  if (shape.kind === 'list') return [];
  const inner = Object.entries(shape.fields).flatMap(([name, field]) => scalarsOf(field, [...path, name]));
  return inner.toSorted((one, other) => one.path.length - other.path.length);
}

/** A way to a field as an expression: names that are none of JSONata's stand in backquotes. */
export function expressionOf(path: readonly string[]): string {
  return path.length === 0
    ? '$'
    : path.map((name) => (/^[A-Za-z_][A-Za-z0-9_]*$/.test(name) && !WORDS.has(name) ? name : `\`${name.replaceAll('`', '')}\``)).join('.');
}

/** Names that an expression would read as an operator or a value. */
const WORDS: ReadonlySet<string> = new Set(['and', 'or', 'in', 'true', 'false', 'null', 'function']);

/** Names of fields and parameters come in many spellings: `nextPageToken`, `next_page_token`, `page[token]`. */
export function plainName(name: string): string {
  return name
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '_')
    .replaceAll(/^_+|_+$/g, '');
}
