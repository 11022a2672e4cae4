import { isDeepStrictEqual } from 'node:util';

type Schema = Readonly<Record<string, unknown>>;

/** Where a value does not fit a JSON Schema: as much of JSON Schema as zod writes. Empty where it fits. */
export function misfits(root: Schema, value: unknown): readonly string[] {
  return check({ root, schema: root, path: '' }, value);
}

interface Place {
  readonly root: Schema;
  readonly schema: unknown;
  readonly path: string;
}

function check({ root, schema, path }: Place, value: unknown): readonly string[] {
  if (!isObject(schema)) return [];
  const inside = (inner: unknown, step?: string | number) => ({ root, schema: inner, path: step === undefined ? path : `${path}/${step}` });
  const wrong: string[] = [];
  if (typeof schema['$ref'] === 'string') wrong.push(...check(inside(definition(root, schema['$ref'])), value));
  if (schema['type'] !== undefined && ![schema['type']].flat().some((type) => isOfType(String(type), value)))
    return [`${path}: is no ${String(schema['type'])}`];
  if ('const' in schema && !isDeepStrictEqual(schema['const'], value)) wrong.push(`${path}: is not ${String(schema['const'])}`);
  if (Array.isArray(schema['enum']) && !schema['enum'].includes(value)) wrong.push(`${path}: is not one of ${schema['enum'].join(', ')}`);
  if (typeof schema['pattern'] === 'string' && typeof value === 'string' && !new RegExp(schema['pattern']).test(value))
    wrong.push(`${path}: is not like ${schema['pattern']}`);
  for (const key of ['anyOf', 'oneOf']) {
    const branches = schema[key];
    if (Array.isArray(branches) && !branches.some((branch) => check(inside(branch), value).length === 0)) wrong.push(`${path}: fits no branch`);
  }
  if (Array.isArray(value)) wrong.push(...value.flatMap((item, index) => check(inside(schema['items'], index), item)));
  else if (isObject(value)) wrong.push(...checkKeys(schema, value, inside));
  return wrong;
}

function checkKeys(schema: Schema, value: Schema, inside: (inner: unknown, step?: string | number) => Place): readonly string[] {
  const properties = isObject(schema['properties']) ? schema['properties'] : {};
  const required = Array.isArray(schema['required']) ? schema['required'].map(String) : [];
  return [
    ...required.filter((key) => !Object.hasOwn(value, key)).map((key) => `${inside(0, key).path}: is missing`),
    ...Object.entries(value).flatMap(([key, inner]) => {
      if (Object.hasOwn(properties, key)) return check(inside(properties[key], key), inner);
      return schema['additionalProperties'] === false ? [`${inside(0, key).path}: is unknown`] : check(inside(schema['additionalProperties'], key), inner);
    }),
  ];
}

function definition(root: Schema, reference: string): unknown {
  return reference
    .split('/')
    .slice(1)
    .reduce<unknown>((inner, step) => (isObject(inner) ? inner[step] : undefined), root);
}

function isOfType(type: string, value: unknown): boolean {
  if (type === 'object') return isObject(value);
  if (type === 'array') return Array.isArray(value);
  if (type === 'null') return value === null;
  if (type === 'integer') return Number.isInteger(value);
  return typeof value === type;
}

function isObject(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
