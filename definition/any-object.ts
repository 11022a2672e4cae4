import type { Json } from '../engine/json.ts';
import { isJsonObject } from '../engine/json.ts';
import { type ConnectorObject, objectSchema } from './schema/connector.ts';

/** The object of a connector that stands for all that it does not describe: `{object}` in it is the name that a sync asks for. */
export const ANY_OBJECT = '*';
const NAME = /^\w+$/;

type Objects = Record<string, ConnectorObject>;

/** The object as it is described under its name, else as any object is. */
export function objectNamed(objects: Objects, name: string): ConnectorObject | undefined {
  if (name !== ANY_OBJECT && Object.hasOwn(objects, name)) return objects[name];
  const any = Object.hasOwn(objects, ANY_OBJECT) ? objects[ANY_OBJECT] : undefined;
  return any === undefined || !NAME.test(name) ? undefined : withName(any, name);
}

/** With the named ones, where they are like any object. */
export function withNamed(objects: Objects, names: Iterable<string>): Objects {
  const found = [...new Set(names)].flatMap((name) => {
    const object = objectNamed(objects, name);
    return object === undefined ? [] : [[name, object] as const];
  });
  return { ...objects, ...Object.fromEntries(found) };
}

/** Without what stands for any other. */
export function describedObjects({ [ANY_OBJECT]: _any, ...described }: Objects): Objects {
  return described;
}

function withName(object: ConnectorObject, name: string): ConnectorObject {
  const plain: Json = JSON.parse(JSON.stringify(object));
  return objectSchema.parse(inserted(plain, name));
}

function inserted(value: Json, name: string): Json {
  if (typeof value === 'string') return value.replaceAll('{object}', name);
  if (Array.isArray(value)) return value.map((item: Json) => inserted(item, name));
  return isJsonObject(value) ? Object.fromEntries(Object.entries(value).map(([key, item]) => [key, inserted(item, name)])) : value;
}
