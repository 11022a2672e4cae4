import { isJsonObject, type Json, type JsonObject } from './json.ts';
import { isJsonArray } from './plain-json.ts';

/** One step of a path to a field, as JSONata writes it. */
export function quoteStep(name: string): string {
  return /^[\p{L}_][\p{L}\p{N}_]*$/u.test(name) ? name : `\`${name}\``;
}

/** The names of a path that `quoteStep` wrote the steps of: `` address.`zip code` ``. */
export function splitPath(path: string): readonly string[] {
  return [...path.matchAll(/`([^`]*)`|([^.`]+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');
}

/** Whether one path leads to what the other leads to, to something inside of it, or to something around it. */
export function areRelated(one: string, other: string): boolean {
  return one === other || isInside(one, other) || isInside(other, one);
}

export function isInside(path: string, around: string): boolean {
  return path.startsWith(`${around}.`);
}

/** Whether a record says nothing at all of a field: it is neither there nor null, nor is what it would be in. Of a list, its first element tells. */
export function isAbsent(record: JsonObject, path: readonly string[]): boolean {
  let current: Json | undefined = record;
  for (const name of path) {
    const around: Json | undefined = isJsonArray(current) ? current[0] : current;
    if (!isJsonObject(around)) return false;
    if (!Object.hasOwn(around, name)) return true;
    current = around[name];
  }
  return false;
}
