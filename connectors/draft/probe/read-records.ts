import { compileExpression } from '../../../engine/expression.ts';
import { isJsonObject, type Json, type JsonObject } from '../../../engine/json.ts';
import { isJsonArray } from '../../../engine/plain-json.ts';
import type { HttpAnswer } from '../../../http/http-client.ts';
import { shapeOf } from '../../rest/broken-contract.ts';
import { keyText } from '../../rest/record-reader.ts';
import { shapeOfJson } from '../answer-shape.ts';
import type { AskedParameter } from '../asked-parameter.ts';
import { guessList, type ListGuess } from '../guess-list.ts';
import type { Finding, Proposal } from './findings.ts';
import type { ProbedList } from './probe-list.ts';

/** The records of a page, by the definition or by what is likelier. */
export interface ReadRecords {
  readonly findings: readonly Finding[];
  readonly proposals: readonly Proposal[];
  readonly records: readonly JsonObject[];
  /** Where they are, and by what they are known. */
  readonly path: string;
  readonly primaryKey: string;
  readonly guess: ListGuess | undefined;
}

/** Finds the records of a page, and whether they have their key. */
export async function readRecords(answer: HttpAnswer, { name, object }: ProbedList, query: readonly (readonly [string, string])[]): Promise<ReadRecords> {
  const { records: listed = '$' } = object.list;
  const parameters = query.map(([parameter, value]): AskedParameter => ({ name: parameter, isNumber: value !== '' && Number.isFinite(Number(value)) }));
  const hasLink = answer.headers['link'] !== undefined;
  const guess = guessList({ answer: shapeOfJson(answer.body), parameters, hasLink, objectName: name });
  const stated = await listAt(listed, answer.body);
  const path = stated === undefined && guess !== undefined ? guess.records.value : listed;
  const records = stated ?? (await listAt(path, answer.body)) ?? [];
  const [first] = records;
  const hasKey = first === undefined || (await hasKeyAt(object.primaryKey, first));
  const primaryKey = hasKey || guess === undefined ? object.primaryKey : guess.key.value;
  const changed = path === listed ? [] : [proposal(['list', 'records'], path, 'a page has them there')];
  const keyed = primaryKey === object.primaryKey ? [] : [proposal(['primaryKey'], primaryKey, guess?.key.why ?? '')];
  return {
    findings: findingsOf(listed, answer.body, { stated, records, hasKey, primaryKey: object.primaryKey }),
    proposals: [...changed, ...keyed],
    records,
    path,
    primaryKey,
    guess,
  };
}

interface Found {
  readonly stated: readonly JsonObject[] | undefined;
  readonly records: readonly JsonObject[];
  readonly hasKey: boolean;
  readonly primaryKey: string;
}

function findingsOf(path: string, body: Json, { stated, records, hasKey, primaryKey }: Found): readonly Finding[] {
  const finding = (isGood: boolean, said: string): Finding => ({ subject: 'records', isGood, said });
  if (stated === undefined) return [finding(false, `"${path}" finds no list of records; the answer has: ${shapeOf(body)}`)];
  if (records.length === 0) return [finding(true, 'the first page has none: nothing tells of keys and pages')];
  if (!hasKey) return [finding(false, `a record has no key at "${primaryKey}"; it has: ${shapeOf(records[0])}`)];
  return [finding(true, `${records.length} on the first page, each with its key`)];
}

async function listAt(path: string, body: Json): Promise<readonly JsonObject[] | undefined> {
  const found = await evaluate(path, body);
  return isJsonArray(found) && found.every((record) => isJsonObject(record)) ? found.filter((record) => isJsonObject(record)) : undefined;
}

async function hasKeyAt(key: string, record: JsonObject): Promise<boolean> {
  return keyText(await evaluate(key, record)) !== undefined;
}

/** Undefined also where the expression does not fit the answer. */
async function evaluate(source: string, input: Json): Promise<Json | undefined> {
  try {
    return await compileExpression(source).evaluate(input);
  } catch {
    return undefined;
  }
}

function proposal(path: readonly string[], value: Json, why: string): Proposal {
  return { of: 'object', path, value, why };
}
