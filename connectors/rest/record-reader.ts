import type { ConnectorObject } from '../../definition/schema/connector.ts';
import { compileExpression } from '../../engine/expression.ts';
import { splitPath } from '../../engine/field-path.ts';
import { isJsonObject, type Json, type JsonObject } from '../../engine/json.ts';
import { type MaybePromise, whenKnown } from '../../engine/maybe-promise.ts';
import { isJsonArray } from '../../engine/plain-json.ts';
import type { AnswerFormat, CsvDialect } from '../../engine/text-format.ts';
import type { SourceRecord } from '../ports.ts';
import { brokenContract, evaluateOnAnswer, shapeOf } from './broken-contract.ts';

/** The status of an answer that lists nothing. */
export const NO_CONTENT = 204;

/** Turns what an answer holds into records: finds the list, each record's fields and its key. */
export interface RecordReader {
  /** @param added fields that each record has beside its own. @throws SyncError CONTRACT_BROKEN where the path finds no list, or a record has no key; names what was there, never a value */
  readList(body: Json, added?: JsonObject): Promise<readonly SourceRecord[]>;
  /** @throws SyncError CONTRACT_BROKEN */
  readRecord(record: Json | undefined): MaybePromise<SourceRecord>;
}

type ReadFormat = 'json' | AnswerFormat | undefined;

const PLAIN_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/**
 * @param records where an answer keeps its list
 * @param where names the endpoint in errors: `acme.contacts.list`
 * @param written how the answer is written
 */
export function compileRecordReader(
  object: Pick<ConnectorObject, 'primaryKey' | 'values'>,
  records: string,
  where: string,
  { as, csv }: { readonly as?: ReadFormat; readonly csv?: CsvDialect | undefined } = {},
): RecordReader {
  const list = compileExpression(records);
  const key = compileExpression(object.primaryKey);
  const readFields = compileFields(object, where);
  const names = list.isPath && !records.includes('[') ? splitPath(records).filter((name) => !/^\$+$/.test(name)) : undefined;

  const readRecord = (record: Json | undefined): MaybePromise<SourceRecord> => {
    if (!isJsonObject(record)) throw brokenContract(`${where}: a record is not an object: ${shapeOf(record)}.`);
    return whenKnown(evaluateOnAnswer(key, record, `${where}, primaryKey`), (found) => {
      const id = keyText(found);
      if (id === undefined) throw brokenContract(`${where}: a record has no primary key at "${object.primaryKey}". It has: ${shapeOf(record)}.`);
      return whenKnown(readFields(record), (fields) => ({ key: id, fields }));
    });
  };

  return {
    readRecord,
    readList: async (body, added) => {
      const found = await evaluateOnAnswer(list, body, `${where}.records`);
      // An expression that is more than a path gives a single hit as it is, not as a list of one: so JSONata has it.
      const entries = isJsonArray(found)
        ? found
        : (listOf(found, as, list.isPath) ?? (names === undefined || !isJsonObject(body) ? undefined : hitsIn(body, names)));
      if (entries === undefined) throw noList(records, found, body, where);
      const read: SourceRecord[] = [];
      for (const entry of entries) {
        const cells = as === 'csv' && csv?.emptyIsNull !== false ? withNulls(entry) : entry;
        const record = readRecord(added !== undefined && isJsonObject(cells) ? { ...cells, ...added } : cells);
        read.push(record instanceof Promise ? await record : record);
      }
      return read;
    },
  };
}

/** XML shows one record as it shows a field, and none as nothing. */
function listOf(found: Json | undefined, as: ReadFormat, isPath: boolean): readonly Json[] | undefined {
  if (isJsonObject(found) && (as === 'xml' || !isPath)) return [found];
  return as === 'xml' && (found === undefined || found === null || found === '') ? [] : undefined;
}

/** What lies in the lists that a path leads through: JSONata shows one hit as it is, and none as nothing. @returns undefined where it leads through none, or none of what they hold has it */
function hitsIn(value: Json | undefined, names: readonly string[], isThrough = false): readonly Json[] | undefined {
  if (isJsonArray(value)) {
    const hits = value.map((item) => hitsIn(item, names, true));
    return hits.length > 0 && hits.every((hit) => hit === undefined) ? undefined : hits.flatMap((hit) => hit ?? []);
  }
  const [name, ...rest] = names;
  if (name === undefined) return isThrough && value !== undefined ? [value] : undefined;
  return isJsonObject(value) && Object.hasOwn(value, name) ? hitsIn(value[name], rest, isThrough) : undefined;
}

/** CSV has no other word for a field without a value. */
function withNulls(row: Json): Json {
  return isJsonObject(row) ? Object.fromEntries(Object.entries(row).map(([name, value]) => [name, value === '' ? null : value])) : row;
}

/** Fields that lie apart from the rest of the record are put beside it. The primary key keeps its place whatever they are called. */
function compileFields(
  { primaryKey, values: source }: Pick<ConnectorObject, 'primaryKey' | 'values'>,
  where: string,
): (record: JsonObject) => MaybePromise<JsonObject> {
  if (source === undefined) return (record) => record;
  const values = compileExpression(source);
  return (record) =>
    whenKnown(evaluateOnAnswer(values, record, `${where}, values`), (nested) => {
      if (!isJsonObject(nested)) return record;
      const { [PLAIN_NAME.test(source) ? source : '']: _container, ...outer } = record;
      const id = PLAIN_NAME.test(primaryKey) ? record[primaryKey] : undefined;
      return { ...outer, ...nested, ...(id === undefined ? {} : { [primaryKey]: id }) };
    });
}

/** Keys of all APIs as text: `17` and `"17"` are the same record. Half a surrogate pair, which no store can keep, is what it is in UTF-8: U+FFFD. */
export function keyText(value: Json | undefined): string | undefined {
  if (typeof value === 'number' && Number.isFinite(value)) return String(value);
  return typeof value === 'string' && value !== '' ? value.toWellFormed() : undefined;
}

function noList(path: string, found: Json | undefined, body: Json, where: string) {
  const what = found === undefined ? 'nothing' : `${found === null ? '' : 'no list but: '}${shapeOf(found)}`;
  const advice = found === undefined ? '' : ` If that is how the API says "none" or "one", let the expression make a list of it.`;
  return brokenContract(`${where}: the records path "${path}" finds ${what}. The answer has: ${shapeOf(body)}.${advice}`);
}
