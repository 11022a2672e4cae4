import type { ConnectorObject, ListEndpoint } from '../../definition/schema/connector.ts';
import { isJsonObject, type Json, type JsonObject } from '../../engine/json.ts';
import type { Page, SourceRecord } from '../ports.ts';
import { remembered } from '../remembered.ts';
import { readFieldsEndpoint } from './fields-endpoint.ts';
import type { RestSourceOptions } from './rest-source.ts';
import type { PageRead } from './walk-pages.ts';

type FieldsRule = NonNullable<ListEndpoint['fields']>;

/**
 * Reads each page once for each part of the fields that one request takes, side by side, and puts the parts of a record together by its key. The first part says which records
 * there are, and where the next page is.
 * @param where names the endpoint in errors
 */
export function walkFields(
  { client, connection, objectName, object, warn }: RestSourceOptions,
  rule: FieldsRule,
  readPage: (read: PageRead) => Promise<Page>,
  where: string,
): (read: PageRead) => Promise<Page> {
  const partsOf = remembered(async () => partedFields(await namesOf(object, () => readNames(object)), rule));
  const readNames = async ({ fields: endpoint }: ConnectorObject): Promise<readonly string[]> => {
    if (endpoint === undefined) return [];
    return (await readFieldsEndpoint({ client, connection, objectName, endpoint })).map(({ name }) => name);
  };

  return async (read) => {
    if (read.given !== undefined) return readPage(read);
    const parts = await partsOf();
    const [only = []] = parts;
    if (parts.length < 2) return readPage({ ...read, fields: only });
    // One part may be as it was where another is not.
    const { validators: _, ...asked } = read;
    const [{ validators: __, ...first }, ...others] = await Promise.all([
      readPage({ ...asked, fields: only }),
      ...parts.slice(1).map((fields) => readPage({ ...asked, fields })),
    ]);
    const { records, lacking } = joined(first.records, others);
    if (lacking)
      warn(
        `${where}: some records are not on the same page for all of their fields, so some of their fields were not read: give the list an order of its own.`,
      );
    return { ...first, records, bytes: [first, ...others].reduce((sum, { bytes }) => sum + bytes, 0) };
  };
}

async function namesOf({ knownFields }: ConnectorObject, readNames: () => Promise<readonly string[]>): Promise<readonly string[]> {
  return knownFields ?? (await readNames());
}

/** Parts of the names, each with those that are always asked for, and none longer than a request takes. */
export function partedFields(
  names: readonly string[],
  { always, max = Number.POSITIVE_INFINITY, maxCharacters = Number.POSITIVE_INFINITY }: FieldsRule,
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

function joined(records: readonly SourceRecord[], others: readonly Page[]): { readonly records: readonly SourceRecord[]; readonly lacking: boolean } {
  const parts = others.map((page) => new Map(page.records.map(({ key, fields }) => [key, fields])));
  let lacking = false;
  const whole = records.map(({ key, fields }) => {
    const found = parts.map((part) => part.get(key)).filter((part) => part !== undefined);
    if (found.length < parts.length) lacking = true;
    return { key, fields: found.reduce(merged, fields) };
  });
  return { records: whole, lacking };
}

/** Fields may lie in objects: each part has some of theirs. */
function merged(left: JsonObject, right: JsonObject): JsonObject {
  const both = Object.entries(right).map(([name, value]): [string, Json] => {
    const known = Object.hasOwn(left, name) ? left[name] : undefined;
    return [name, isJsonObject(known) && isJsonObject(value) ? merged(known, value) : value];
  });
  return { ...left, ...Object.fromEntries(both) };
}
