import type { ListEndpoint } from '../../definition/schema/connector.ts';
import { isJsonObject, type Json, type JsonObject } from '../../engine/json.ts';
import { fieldNamesFor } from './field-names.ts';
import type { RestSourceOptions } from './rest-source.ts';

type PartsRule = NonNullable<ListEndpoint['fieldNames']>;

/** Names of the fields that are asked for, in as many parts as it takes. Rejects as `TellFieldNames`. */
export type FieldParts = () => Promise<readonly (readonly string[])[]>;

/** @returns undefined where one request takes them all. @throws SyncError DEFINITION_INVALID where nothing tells them */
export function openFieldParts({ connection, objectName, object, tellFieldNames }: RestSourceOptions): FieldParts | undefined {
  const { list } = object;
  const rule = list.fieldNames;
  if (rule === undefined) return undefined;
  const namesOf = fieldNamesFor(tellFieldNames, { objectName, object, where: `${connection}.${objectName}.list` }, list);
  return async () => partedFields((await namesOf()).fieldNames ?? [], rule);
}

/** Parts of the names, each with those that are always asked for, and none longer than a request takes. */
export function partedFields(
  names: readonly string[],
  { always, max = Number.POSITIVE_INFINITY, maxCharacters = Number.POSITIVE_INFINITY }: PartsRule,
): readonly (readonly string[])[] {
  const others = names.filter((name) => !always.includes(name));
  const lengthOf = (part: readonly string[]) => part.reduce((sum, name) => sum + name.length + 1, 0);
  const parts: string[][] = [[...always]];
  for (const name of others) {
    const part = parts.at(-1) ?? [];
    const isFull = part.length > always.length && (part.length >= max || lengthOf(part) + name.length > maxCharacters);
    if (isFull) parts.push([...always, name]);
    else part.push(name);
  }
  return parts;
}

/** Two parts of one record. Fields may lie in objects: each part has some of theirs. */
export function merged(left: JsonObject, right: JsonObject): JsonObject {
  const both = Object.entries(right).map(([name, value]): [string, Json] => {
    const known = Object.hasOwn(left, name) ? left[name] : undefined;
    return [name, isJsonObject(known) && isJsonObject(value) ? merged(known, value) : value];
  });
  return { ...left, ...Object.fromEntries(both) };
}
