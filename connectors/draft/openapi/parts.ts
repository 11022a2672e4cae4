import { isJsonObject, type Json, type JsonObject } from '../../../engine/json.ts';
import { isJsonArray } from '../../../engine/plain-json.ts';

/** What stands at a path of a description; undefined where there is nothing. Whoever wrote it may have written anything. */
export function partAt(part: Json | undefined, ...path: readonly string[]): Json | undefined {
  return path.reduce<Json | undefined>((inner, name) => (isJsonObject(inner) && Object.hasOwn(inner, name) ? inner[name] : undefined), part);
}

export function textAt(part: Json | undefined, ...path: readonly string[]): string | undefined {
  const found = partAt(part, ...path);
  return typeof found === 'string' && found !== '' ? found : undefined;
}

export function numberAt(part: Json | undefined, ...path: readonly string[]): number | undefined {
  const found = partAt(part, ...path);
  return typeof found === 'number' && Number.isFinite(found) ? found : undefined;
}

/** Empty where there is no list. */
export function listAt(part: Json | undefined, ...path: readonly string[]): readonly Json[] {
  const found = partAt(part, ...path);
  return isJsonArray(found) ? found : [];
}

/** Empty where there is no object. */
export function fieldsAt(part: Json | undefined, ...path: readonly string[]): JsonObject {
  const found = partAt(part, ...path);
  return isJsonObject(found) ? found : {};
}
