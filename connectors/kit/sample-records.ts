import type { ConnectorObject } from '../../definition/schema/connector.ts';
import { isJsonObject, type Json, type JsonObject } from '../../engine/json.ts';
import { Untried } from './kit-row.ts';
import { answerGiving, mergeJson, placeAt } from './place-value.ts';

/** A field that no manifest names. */
export const UNKNOWN_FIELD = 'kit_unknown';

/** A record as the vendor would hold it. */
export interface SampleRecord {
  readonly key: string;
  /** As it stands in answers. */
  readonly entry: JsonObject;
}

/** Records in the shape of an object, with a field that nobody knows. */
export async function sampleRecords(
  object: Pick<ConnectorObject, 'primaryKey' | 'values'>,
  count: number,
  more: (index: number) => JsonObject = () => ({}),
): Promise<readonly SampleRecord[]> {
  return Promise.all(Array.from({ length: count }, (_, index) => sampleRecord(object, String(index + 101), more(index))));
}

async function sampleRecord({ primaryKey, values }: Pick<ConnectorObject, 'primaryKey' | 'values'>, key: string, more: JsonObject): Promise<SampleRecord> {
  const fields: JsonObject = { [UNKNOWN_FIELD]: `value of ${key}`, ...more };
  const around = values === undefined ? fields : await fieldsAt(values, fields);
  return { key, entry: entryOf(await answerGiving(primaryKey, key, around), primaryKey) };
}

/** Where fields are put together from several places, those of the kit stand beside them: a reader takes both. */
async function fieldsAt(values: string, fields: JsonObject): Promise<Json> {
  try {
    return await answerGiving(values, fields);
  } catch (error) {
    if (error instanceof Untried) return fields;
    throw error;
  }
}

function entryOf(entry: Json, primaryKey: string): JsonObject {
  if (isJsonObject(entry)) return entry;
  throw new Untried(`"${primaryKey}" makes no record: give an example.`);
}

/** The record with a value at a path, which a list goes on after. */
export function withValue({ key, entry }: SampleRecord, path: string, value: Json): SampleRecord {
  const merged = mergeJson(entry, placeAt(path, value));
  return { key, entry: entryOf(merged, path) };
}
