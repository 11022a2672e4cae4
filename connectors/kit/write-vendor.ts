import type { ConnectorObject, WriteEndpoint } from '../../definition/schema/connector.ts';
import type { Json, JsonObject } from '../../engine/json.ts';
import type { ChangeKind } from '../../engine/outcome.ts';
import { aliasOf } from '../graphql/alias-batch.ts';
import type { OutgoingRecord } from '../ports.ts';
import { Untried } from './kit-row.ts';
import type { VendorAnswer } from './mock-vendor.ts';
import { answerGiving, mergeJson, placeAt } from './place-value.ts';
import { UNKNOWN_FIELD } from './sample-records.ts';
import { matchOnOf } from './search-rows.ts';
import { writtenAs } from './written-as.ts';

export const REFUSAL = 'the kit refuses this record';

/** What the vendor says of a record. */
export type Said = 'good' | 'bad' | 'nothing';

export interface WriteCase {
  readonly object: ConnectorObject;
  readonly endpoint: WriteEndpoint;
  readonly kind: ChangeKind;
  readonly records: readonly OutgoingRecord[];
}

/** The target id that the vendor gives the record at a place. */
export function idOf({ kind, endpoint, records }: WriteCase, index: number): string {
  const record = records[index];
  const isSameAsKey = endpoint.results?.id !== undefined && endpoint.results.id === endpoint.results.key;
  if (record !== undefined && isSameAsKey) return nameOf(record, index, endpoint.results?.by ?? 'index');
  return record?.targetId !== undefined && (kind === 'update' || kind === 'delete') ? record.targetId : String(index + 501);
}

/** Whether an answer that refuses a record of several can say which. */
export function namesRefusals({ endpoint, records }: WriteCase): boolean {
  return endpoint.failures === undefined || endpoint.failures.key !== undefined || records.length === 1;
}

/** The answer to a write in which the vendor says these things, in the shape that the manifest names. */
export async function writeAnswer(written: WriteCase, said: readonly Said[]): Promise<VendorAnswer> {
  return writtenAs(written.endpoint, await plainAnswer(written, said));
}

async function plainAnswer(written: WriteCase, said: readonly Said[]): Promise<VendorAnswer> {
  const { endpoint } = written;
  if (endpoint.graphql !== undefined) return aliasAnswer(written, said);
  if (endpoint.results === undefined) return singleAnswer(written, said[0] ?? 'good');
  const listed: Json[] = [];
  for (const [index, word] of said.entries()) {
    const isListed = word === 'good' || (word === 'bad' && endpoint.failures === undefined);
    if (isListed) listed.push(await resultEntry(written, index, word));
    else if (word === 'bad') continue;
    // A list that goes by its order has a place for each.
    else if (endpoint.results.by === 'index' && endpoint.results.key === undefined) listed.push(null);
  }
  const answer = await answerGiving(endpoint.results.at, listed);
  return { body: await withFailures(written, said, answer) };
}

/** Of mutations: under each alias a payload, or one that says why not. */
async function aliasAnswer(written: WriteCase, said: readonly Said[]): Promise<VendorAnswer> {
  const { id, error } = written.endpoint.results ?? {};
  const payloads: [string, Json][] = [];
  for (const [index, word] of said.entries()) {
    const refusal = error === undefined ? { userErrors: [{ message: REFUSAL }] } : word === 'bad' ? await answerGiving(error, REFUSAL) : {};
    const payload = id === undefined ? {} : await answerGiving(id, idOf(written, index));
    payloads.push([aliasOf(index), word === 'good' ? payload : word === 'bad' ? refusal : null]);
  }
  return { body: { data: Object.fromEntries(payloads) } };
}

async function resultEntry(written: WriteCase, index: number, word: Said): Promise<Json> {
  const { object, endpoint, kind, records } = written;
  const rule = endpoint.results;
  const record = records[index];
  if (rule === undefined || record === undefined) throw new Untried('the write has no results to derive: give an example.');
  let entry: Json = { [UNKNOWN_FIELD]: 'kit' };
  const put = async (source: string | undefined, value: Json) => {
    if (source !== undefined) entry = await answerGiving(source, value, entry);
  };
  if (endpoint.each !== undefined) entry = await subAnswer(written, index, word, entry);
  if (word === 'good') await put(rule.id, idOf(written, index));
  if (word === 'good' && kind === 'upsert') await put(rule.created, true);
  const name = nameOf(record, index, rule.by);
  const key = rule.key ?? (rule.by === 'id' || rule.by === 'ref' ? rule.by : undefined);
  if (rule.by !== 'index' || rule.key !== undefined) {
    if (key !== undefined) await put(key, name);
    else entry = mergeJson(entry, placeAt([object.values, matchOnOf(object)].filter((step) => step !== undefined).join('.'), name));
  }
  if (word !== 'bad') return entry;
  if (endpoint.each !== undefined) {
    await put(rule.error, REFUSAL);
    return entry;
  }
  if (rule.error === undefined && rule.status === undefined)
    throw new Untried('the connector knows no refusal of a single record: a batch that is refused is halved.');
  await put(rule.error, REFUSAL);
  if (rule.error === undefined) await put(rule.status, 422);
  return entry;
}

/** A result that is itself an answer. */
async function subAnswer(written: WriteCase, index: number, word: Said, around: Json): Promise<Json> {
  const { object, kind, records, endpoint } = written;
  const { status: statusAt = 'status', body: bodyAt = 'body' } = endpoint.results ?? {};
  const alone: WriteCase = { object, kind, endpoint: { ...endpoint, failures: undefined }, records: records.slice(index, index + 1) };
  const { status = 200, body } = await singleAnswer(alone, word, idOf(written, index));
  const answer = await answerGiving(statusAt, status, around);
  return body === undefined ? answer : answerGiving(bodyAt, body, answer);
}

async function withFailures(written: WriteCase, said: readonly Said[], answer: Json): Promise<Json> {
  const { endpoint, records } = written;
  const rule = endpoint.failures;
  if (rule === undefined || !said.includes('bad')) return answer;
  const failures: Json[] = [];
  for (const [index, word] of said.entries()) {
    const record = records[index];
    if (word !== 'bad' || record === undefined) continue;
    const entry = rule.key === undefined ? {} : await answerGiving(rule.key, nameOf(record, index, endpoint.results?.by ?? 'index'));
    failures.push(await answerGiving(rule.message, REFUSAL, entry));
  }
  return answerGiving(rule.at, failures, answer);
}

/** One record, whose answer is the record itself, where a single one is found in answers. */
async function singleAnswer(written: WriteCase, said: Said, id = idOf(written, 0)): Promise<VendorAnswer> {
  const { object, kind, endpoint } = written;
  if (said === 'bad') return { status: 422, body: endpoint.failures === undefined ? { message: REFUSAL } : await withFailures(written, [said], {}) };
  if (kind === 'delete') return { status: 204 };
  const entry: JsonObject = { [UNKNOWN_FIELD]: 'kit' };
  const record = await answerGiving(object.primaryKey, id, entry);
  const wrapped = object.get?.record === undefined ? record : await answerGiving(object.get.record, record);
  return { status: kind === 'create' ? 201 : 200, body: wrapped };
}

/** What the answer calls a record, as the request must have called it. */
export function nameOf(record: OutgoingRecord, index: number, by: NonNullable<WriteEndpoint['results']>['by']): string {
  if (by === 'id') return record.targetId ?? '';
  return by === 'match' ? record.match : String(index);
}
