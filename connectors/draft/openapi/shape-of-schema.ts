import type { Json } from '../../../engine/json.ts';
import { isJsonArray } from '../../../engine/plain-json.ts';
import { type AnswerShape, mergeShapes, type ScalarType, shapeOfJson, UNKNOWN } from '../answer-shape.ts';
import { fieldsAt, listAt, partAt, textAt } from './parts.ts';

/** Schemas refer to each other without end: deeper nothing is looked for. */
const MAX_DEPTH = 6;
/** Hundreds of requests share their schemas: each is looked at once for each depth it stands at. */
const known = new WeakMap<object, Map<number, AnswerShape>>();

/** What a JSON Schema, of OpenAPI 3 or Swagger 2.0, says of a value. */
export function shapeOfSchema(schema: Json | undefined, depth = 0): AnswerShape {
  if (typeof schema !== 'object' || schema === null || depth > MAX_DEPTH) return UNKNOWN;
  const shapes = known.get(schema) ?? new Map<number, AnswerShape>();
  known.set(schema, shapes);
  const shape = shapes.get(depth) ?? readShape(schema, depth);
  shapes.set(depth, shape);
  return shape;
}

function readShape(schema: Json, depth: number): AnswerShape {
  const parts = [...listAt(schema, 'allOf'), ...choicesOf(schema)].map((part) => shapeOfSchema(part, depth + 1));
  const own = ownShape(schema, depth);
  return parts.length === 0 ? own : mergeShapes([...(isSilent(own) ? [] : [own]), ...parts]);
}

/** Of several possible forms all fields may come; null is none. */
function choicesOf(schema: Json): readonly Json[] {
  return [...listAt(schema, 'oneOf'), ...listAt(schema, 'anyOf')].filter((choice) => partAt(choice, 'type') !== 'null');
}

function ownShape(schema: Json, depth: number): AnswerShape {
  const type = typeOf(schema);
  if (type === 'array' || partAt(schema, 'items') !== undefined) return { kind: 'list', item: shapeOfSchema(partAt(schema, 'items'), depth + 1) };
  if (type === 'object' || partAt(schema, 'properties') !== undefined) {
    const fields = Object.entries(fieldsAt(schema, 'properties')).map(([name, field]) => [name, shapeOfSchema(field, depth + 1)] as const);
    return { kind: 'object', fields: Object.fromEntries(fields) };
  }
  return { kind: 'scalar', type: scalarOf(schema, type) };
}

/** OpenAPI 3.1 has lists of types. */
function typeOf(schema: Json): string | undefined {
  const type = partAt(schema, 'type');
  if (isJsonArray(type)) return type.find((one): one is string => typeof one === 'string' && one !== 'null');
  return typeof type === 'string' ? type : undefined;
}

function scalarOf(schema: Json, type: string | undefined): ScalarType {
  switch (type) {
    case 'integer':
    case 'number':
      return 'number';
    case 'boolean':
      return 'boolean';
    case 'string':
      return /^ur[il]/.test(textAt(schema, 'format') ?? '') || /^https?:/.test(textAt(schema, 'example') ?? '') ? 'url' : 'string';
    default:
      return 'unknown';
  }
}

function isSilent(shape: AnswerShape): boolean {
  return shape.kind === 'scalar' && shape.type === 'unknown';
}

/** What a body looks like by its schema, or by its example where there is no schema. */
export function shapeOfContent(content: Json | undefined): AnswerShape {
  const shape = shapeOfSchema(partAt(content, 'schema'));
  if (!isSilent(shape)) return shape;
  const [first] = Object.values(fieldsAt(content, 'examples'));
  const example = partAt(content, 'example') ?? partAt(content, 'schema', 'example') ?? partAt(first, 'value');
  return example === undefined ? UNKNOWN : shapeOfJson(example);
}
