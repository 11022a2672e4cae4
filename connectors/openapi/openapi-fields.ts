import type { ConnectorObject } from '../../definition/schema/connector.ts';
import { type FieldFacts, type FieldType, fieldTypeOf } from '../../engine/field-facts.ts';
import { quoteStep, splitPath } from '../../engine/field-path.ts';
import { isJsonObject, type Json, type JsonObject } from '../../engine/json.ts';
import { isJsonArray } from '../../engine/plain-json.ts';
import type { ApiSchema } from './api-schema.ts';
import { findOperation } from './find-operation.ts';

const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;
const PLAIN_PATH = /^[\w.`]+$/;
/** What an answer has inside of its fields is often another object as a whole. */
const MAX_DEPTH = 2;

/**
 * The fields of an object by the description of its API: those that its list (or the reading of one) gives, and those that its writes take.
 * @param basePath what the base URL puts before each path
 * @returns undefined where the description has none of its operations
 */
export function openapiFields(description: JsonObject, object: ConnectorObject, basePath: string): readonly FieldFacts[] | undefined {
  const given = givenRecord(description, object, basePath);
  const taken = takenRecord(description, object, basePath);
  if (given === undefined && taken === undefined) return undefined;
  const ofAnswer = given === undefined ? [] : factsOf(given, '', 1);
  const ofRequest = taken === undefined ? [] : factsOf(taken, '', MAX_DEPTH);
  const required = new Set(taken?.required);
  const names = [...new Set([...ofRequest, ...ofAnswer].map(({ name }) => name))];
  return names.flatMap((name) => {
    const written = ofRequest.find((facts) => facts.name === name);
    const facts = written ?? ofAnswer.find((one) => one.name === name);
    if (facts === undefined || taken === undefined || facts.isNested === true) return facts ?? [];
    return [{ ...facts, isRequired: required.has(name), isReadOnly: written === undefined || written.isReadOnly === true }];
  });
}

function givenRecord(description: JsonObject, { list, get, values }: ConnectorObject, basePath: string): ApiSchema | undefined {
  const listed = list === undefined ? undefined : operationOf(description, list, basePath)?.gives;
  const one = get === undefined ? undefined : operationOf(description, get, basePath)?.gives;
  const record = walk(listed, list?.records ?? '$') ?? (get?.record === undefined ? one : walk(one, get.record));
  return values === undefined ? record : (walk(record, values) ?? record);
}

function takenRecord(description: JsonObject, object: ConnectorObject, basePath: string): ApiSchema | undefined {
  for (const write of [object.create, object.upsert, object.update]) {
    if (write === undefined) continue;
    const asked = write.each ?? write;
    const body = operationOf(description, asked, basePath)?.takes;
    const record = bodyPart(body, asked.body, '{records}') ?? bodyPart(body, asked.body, '{record}');
    const whole = asked.body === undefined ? body : bodyPart(body, asked.body, '{fields}');
    const found = record === undefined ? whole : write.record === undefined ? record : bodyPart(record, write.record, '{fields}');
    if (found !== undefined) return itemsOf(found);
  }
  return undefined;
}

function operationOf(description: JsonObject, endpoint: { readonly [Method in (typeof METHODS)[number]]?: string | undefined }, basePath: string) {
  const method = METHODS.find((name) => endpoint[name] !== undefined);
  return method === undefined ? undefined : findOperation(description, method, `${basePath}${endpoint[method] ?? ''}`);
}

/** What stands at a path of an answer; of a list, what is in it. */
function walk(schema: ApiSchema | undefined, path: string): ApiSchema | undefined {
  if (schema === undefined) return undefined;
  if (path === '$') return itemsOf(schema);
  if (!PLAIN_PATH.test(path)) return undefined;
  return itemsOf(splitPath(path).reduce<ApiSchema | undefined>((inner, step) => itemsOf(inner)?.properties.get(step)?.(), schema));
}

/** What stands in a body where a template of the connector inserts this. */
function bodyPart(schema: ApiSchema | undefined, template: Json | undefined, insertion: string): ApiSchema | undefined {
  if (schema === undefined || template === undefined) return undefined;
  if (template === insertion) return itemsOf(schema);
  if (isJsonArray(template)) return template.length === 1 ? bodyPart(schema.items(), template[0], insertion) : undefined;
  if (!isJsonObject(template)) return undefined;
  for (const [name, inner] of Object.entries(template)) {
    const found = bodyPart(schema.properties.get(name)?.(), inner, insertion);
    if (found !== undefined) return found;
  }
  return undefined;
}

function itemsOf(schema: ApiSchema | undefined): ApiSchema | undefined {
  return schema?.type === 'array' ? schema.items() : schema;
}

function factsOf(schema: ApiSchema, prefix: string, depth: number): readonly FieldFacts[] {
  return [...schema.properties].flatMap(([name, read]) => {
    const property = read();
    if (name.includes('`')) return [];
    const path = `${prefix}${quoteStep(name)}`;
    const own = prefix === '' ? { name } : { name: path, isNested: true };
    if (property === undefined) return [own];
    const inner = property.type === 'object' && depth < MAX_DEPTH ? factsOf(property, `${path}.`, depth + 1) : [];
    return [{ ...own, ...factOf(property) }, ...inner];
  });
}

function factOf({ title, isReadOnly, values: written, examples, ...schema }: ApiSchema): Omit<FieldFacts, 'name'> {
  const values = written.flatMap((value) => (typeof value === 'string' || typeof value === 'number' ? [String(value)] : []));
  const type = values.length > 0 ? 'enum' : typeOf(schema);
  return {
    ...(title === undefined ? {} : { label: title }),
    ...(type === undefined ? {} : { type }),
    ...(isReadOnly === undefined ? {} : { isReadOnly }),
    ...(values.length === 0 ? {} : { values }),
    ...(examples.length === 0 ? {} : { examples }),
  };
}

/** https://spec.openapis.org/registry/format/ */
function typeOf({ type, format = '' }: Pick<ApiSchema, 'type' | 'format'>): FieldType | undefined {
  if (type !== 'string') return type === undefined ? undefined : fieldTypeOf(type);
  if (format === 'date-time') return 'datetime';
  const known = fieldTypeOf(format.replace(/^idn-/, ''));
  return known ?? 'string';
}
