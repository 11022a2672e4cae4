import type { ConnectorObject } from '../../definition/schema/connector.ts';
import { SyncError } from '../../engine/errors.ts';
import { compileExpression } from '../../engine/expression.ts';
import { isJsonObject, type Json, type JsonObject } from '../../engine/json.ts';
import type { SourceRecord } from '../ports.ts';

/** Turns what an answer holds into records: finds the list, each record's fields and its key. */
export interface RecordReader {
  /** @throws SyncError CONTRACT_BROKEN where the path finds no list, or a record has no key; names what was there, never a value */
  readList(body: Json): Promise<readonly SourceRecord[]>;
  readRecord(record: Json): Promise<SourceRecord>;
}

/** @param where names the endpoint in errors: `acme.contacts.list` */
export function compileRecordReader(object: Pick<ConnectorObject, 'primaryKey' | 'values'>, records: string, where: string): RecordReader {
  const list = compileExpression(records);
  const key = compileExpression(object.primaryKey);
  const values = object.values === undefined ? undefined : compileExpression(object.values);

  const readRecord = async (record: Json): Promise<SourceRecord> => {
    if (!isJsonObject(record)) throw broken(`${where}: a record is ${kindOf(record)}, not an object.`);
    const id = await key.evaluate(record);
    if ((typeof id !== 'string' && typeof id !== 'number') || id === '') {
      throw broken(`${where}: a record has no primary key at "${object.primaryKey}". It has: ${namesOf(record)}.`);
    }
    const nested = await values?.evaluate(record);
    const fields: JsonObject = isJsonObject(nested) ? { ...record, ...nested } : record;
    return { key: String(id), fields };
  };

  return {
    readRecord,
    readList: async (body) => {
      const found = await list.evaluate(body);
      if (found === null) return [];
      const entries = Array.isArray(found) ? found : isJsonObject(found) ? [found] : undefined;
      if (entries === undefined) throw broken(`${where}: the path "${records}" finds no list. The answer has: ${namesOf(body)}.`);
      const read: SourceRecord[] = [];
      for (const entry of entries) read.push(await readRecord(entry));
      return read;
    },
  };
}

function namesOf(value: Json): string {
  return isJsonObject(value) ? Object.keys(value).slice(0, 12).join(', ') || 'nothing' : kindOf(value);
}

function kindOf(value: Json): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'a list' : typeof value === 'string' ? 'text' : `a ${typeof value}`;
}

function broken(message: string): SyncError {
  return new SyncError({ code: 'CONTRACT_BROKEN', retry: 'never', message: `${message} Compare the connector with the API's documentation.` });
}
