import type { Json } from '../../engine/json.ts';
import { isJsonArray } from '../../engine/plain-json.ts';
import { fieldsAt, listAt, partAt, textAt } from '../draft/openapi/parts.ts';

/** A JSON Schema, of OpenAPI 3 or Swagger 2.0, with its parts put together. What is inside of it is read when it is asked for: schemas lead to themselves. */
export interface ApiSchema {
  readonly type: string | undefined;
  readonly format: string | undefined;
  readonly title: string | undefined;
  readonly isReadOnly: boolean | undefined;
  readonly values: readonly Json[];
  readonly examples: readonly Json[];
  readonly required: readonly string[];
  readonly properties: ReadonlyMap<string, () => ApiSchema | undefined>;
  readonly items: () => ApiSchema | undefined;
}

/** Parts of parts …: a circle of them has no end. */
const MAX_PARTS = 10;

/** @returns undefined where there is none */
export function readSchema(given: Json | undefined, depth = 0): ApiSchema | undefined {
  if (typeof given !== 'object' || given === null || isJsonArray(given) || depth > MAX_PARTS) return undefined;
  const read = (part: Json) => readSchema(part, depth + 1) ?? [];
  const parts = listAt(given, 'allOf').flatMap(read);
  // Of alternatives all fields may be there, and none needs to.
  const choices = [...listAt(given, 'oneOf'), ...listAt(given, 'anyOf')].flatMap(read).filter(({ type }) => type !== 'null');
  const alternatives = choices.length === 1 ? choices : choices.map((choice) => ({ ...choice, required: [] }));
  return [...parts, ...alternatives].reduce(together, shallow(given));
}

function shallow(given: Json): ApiSchema {
  const properties = Object.entries(fieldsAt(given, 'properties'));
  const items = partAt(given, 'items');
  const readOnly = partAt(given, 'readOnly');
  const example = partAt(given, 'example');
  return {
    type: typeOf(given) ?? (properties.length > 0 ? 'object' : items === undefined ? undefined : 'array'),
    format: textAt(given, 'format'),
    title: textAt(given, 'title'),
    isReadOnly: typeof readOnly === 'boolean' ? readOnly : undefined,
    values: listAt(given, 'enum'),
    examples: [...(example === undefined ? [] : [example]), ...listAt(given, 'examples')],
    required: listAt(given, 'required').filter((name) => typeof name === 'string'),
    properties: new Map(properties.map(([name, property]) => [name, () => readSchema(property)])),
    items: () => readSchema(items),
  };
}

/** OpenAPI 3.1 has lists of types. */
function typeOf(given: Json): string | undefined {
  const type = partAt(given, 'type');
  if (isJsonArray(type)) return type.filter((one) => typeof one === 'string').find((one) => one !== 'null');
  return typeof type === 'string' ? type : undefined;
}

/** The first says; the second adds what the first does not say. */
function together(one: ApiSchema, other: ApiSchema): ApiSchema {
  return {
    type: one.type ?? other.type,
    format: one.format ?? other.format,
    title: one.title ?? other.title,
    isReadOnly: one.isReadOnly ?? other.isReadOnly,
    values: one.values.length > 0 ? one.values : other.values,
    examples: one.examples.length > 0 ? one.examples : other.examples,
    required: [...one.required, ...other.required],
    properties: new Map([...one.properties, ...[...other.properties].filter(([name]) => !one.properties.has(name))]),
    items: () => one.items() ?? other.items(),
  };
}
