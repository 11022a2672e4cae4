import { z } from 'zod';
import type { ApiDocument } from './read-document.ts';

const lax = <Schema extends z.ZodType>(schema: Schema) => schema.optional().catch(undefined);

/** What of a schema is looked at; what is written in another way than the standard has it counts as not written. */
const writtenSchema = z.looseObject({
  title: lax(z.string()),
  type: lax(z.union([z.string(), z.array(z.string())])),
  format: lax(z.string()),
  enum: lax(z.array(z.unknown())),
  properties: lax(z.record(z.string(), z.unknown())),
  required: lax(z.array(z.string())),
  items: z.unknown().optional(),
  readOnly: lax(z.boolean()),
  example: lax(z.json()),
  examples: lax(z.array(z.json())),
  allOf: lax(z.array(z.unknown())),
  oneOf: lax(z.array(z.unknown())),
  anyOf: lax(z.array(z.unknown())),
});
type Written = z.output<typeof writtenSchema>;

/** A schema with its references followed and its parts put together; what is inside of it is read when it is asked for. */
export interface ApiSchema extends Pick<Written, 'title' | 'format' | 'enum' | 'readOnly' | 'example' | 'examples'> {
  readonly type: string | undefined;
  readonly required: readonly string[];
  readonly properties: ReadonlyMap<string, () => ApiSchema | undefined>;
  readonly items: () => ApiSchema | undefined;
}

/** References to references …: a circle of them has no end. */
const MAX_REFERENCES = 20;
const referenceSchema = z.looseObject({ $ref: z.string() });

/** @returns undefined where there is none, or it stands in another file */
export function readSchema(document: ApiDocument, given: unknown, depth = 0): ApiSchema | undefined {
  if (depth > MAX_REFERENCES) return undefined;
  const written = writtenSchema.safeParse(readReference(document, given));
  if (!written.success) return undefined;
  const { allOf = [], oneOf = [], anyOf = [], ...own } = written.data;
  const parts = allOf.flatMap((part) => readSchema(document, part, depth + 1) ?? []);
  // Of alternatives all fields may be there, and none needs to.
  const choices = [...oneOf, ...anyOf].flatMap((part) => readSchema(document, part, depth + 1) ?? []).filter(({ type }) => type !== 'null');
  const [only] = choices.length === 1 ? choices : [];
  const alternatives = only === undefined ? choices.map((choice) => ({ ...choice, required: [] })) : [only];
  return [...parts, ...alternatives].reduce(together, shallow(document, own));
}

/** What a local reference leads to; the value itself where it is none. */
export function readReference(document: ApiDocument, given: unknown): unknown {
  let value = given;
  for (let count = 0; count < MAX_REFERENCES; count += 1) {
    const reference = referenceSchema.safeParse(value);
    if (!reference.success) return value;
    value = pointedAt(document, reference.data.$ref);
  }
  return undefined;
}

/** RFC 6901, inside of the document. */
function pointedAt(document: unknown, reference: string): unknown {
  if (!reference.startsWith('#/')) return undefined;
  const steps = reference
    .slice(2)
    .split('/')
    .map((step) => decodeURIComponent(step).replaceAll('~1', '/').replaceAll('~0', '~'));
  return steps.reduce<unknown>(
    (inner, step) => (typeof inner === 'object' && inner !== null && Object.hasOwn(inner, step) ? Reflect.get(inner, step) : undefined),
    document,
  );
}

function shallow(document: ApiDocument, { type, properties = {}, required = [], items, ...others }: Written): ApiSchema {
  const { title, format, enum: values, readOnly, example, examples } = others;
  const main = Array.isArray(type) ? type.find((one) => one !== 'null') : type;
  return {
    title,
    format,
    enum: values,
    readOnly,
    example,
    examples,
    type: main ?? (Object.keys(properties).length > 0 ? 'object' : items === undefined ? undefined : 'array'),
    required,
    properties: new Map(Object.entries(properties).map(([name, property]) => [name, () => readSchema(document, property)])),
    items: () => readSchema(document, items),
  };
}

/** The first says; the second adds what the first does not say. */
function together(one: ApiSchema, other: ApiSchema): ApiSchema {
  return {
    title: one.title ?? other.title,
    format: one.format ?? other.format,
    enum: one.enum ?? other.enum,
    readOnly: one.readOnly ?? other.readOnly,
    example: one.example ?? other.example,
    examples: one.examples ?? other.examples,
    type: one.type ?? other.type,
    required: [...one.required, ...other.required],
    properties: new Map([...one.properties, ...[...other.properties].filter(([name]) => !one.properties.has(name))]),
    items: () => one.items() ?? other.items(),
  };
}
