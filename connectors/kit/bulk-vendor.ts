import type { BulkRule, ConnectorObject } from '../../definition/schema/connector.ts';
import type { Json, JsonObject } from '../../engine/json.ts';
import { isJsonObject } from '../../engine/json.ts';
import type { OutgoingRecord } from '../ports.ts';
import { isFor, KIT_JOB, resultsLink, UPLOAD_LINK, withLink } from './job-vendor.ts';
import { Untried } from './kit-row.ts';
import type { AnswerRequest, VendorAnswer, VendorRequest } from './mock-vendor.ts';
import { answerGiving } from './place-value.ts';
import { sampleRecords } from './sample-records.ts';
import { matchOnOf } from './search-rows.ts';
import { REFUSAL } from './write-vendor.ts';
import { writtenAs } from './written-as.ts';

type JobResults = BulkRule['results'][number];

export interface BulkCase {
  readonly object: ConnectorObject;
  readonly bulk: BulkRule;
  /** Written, refused, and one of which nothing is said. */
  readonly records: readonly OutgoingRecord[];
}

/** What the vendor says of its job, as the row that runs wants it. */
export interface SaidOfJob {
  state: string;
  /** Records written, where its own counts tell. */
  written: number;
}

/** A vendor that takes one job, and tells of it as the row that runs says. A look-up finds the first and the last record. */
export function bulkVendor(tried: BulkCase, said: SaidOfJob): AnswerRequest {
  const { bulk, object } = tried;
  return async (request) => {
    if (bulk.unlisted !== undefined && object.search !== undefined && isFor(object.search, request)) return foundAnswer(tried, object.search);
    const place = bulk.results.findIndex((rule, index) => isFor(rule, request, resultsLink(index)));
    const results = bulk.results[place];
    if (isFor(bulk.create, request)) return { body: await withLink(bulk.upload, 'created', UPLOAD_LINK, request, await answerGiving(bulk.create.id, KIT_JOB)) };
    const told = results === undefined ? undefined : await resultsAnswer(tried, results);
    // Some tell how far the job is and its results in one answer.
    if (isFor(bulk.poll, request)) return { ...told, body: await pollAnswer(tried, said, request, told?.body ?? {}) };
    if (told !== undefined) return told;
    if (bulk.close?.id !== undefined && isFor(bulk.close, request)) return { body: await answerGiving(bulk.close.id, KIT_JOB) };
    const others = [bulk.upload, bulk.close, bulk.abort];
    const isKnown = others.some((rule) => rule !== undefined && isFor(rule, request, UPLOAD_LINK));
    return isKnown ? { body: {} } : { status: 404, body: { message: 'the job has no such request' } };
  };
}

async function pollAnswer(tried: BulkCase, said: SaidOfJob, request: VendorRequest, around: Json): Promise<Json> {
  let answer = await countsGiving(tried, said, await answerGiving(tried.bulk.poll.state, said.state, around));
  for (const [index, rule] of tried.bulk.results.entries()) answer = await withLink(rule, 'poll', resultsLink(index), request, answer);
  return answer;
}

async function countsGiving({ bulk: { unlisted }, records }: BulkCase, { written }: SaidOfJob, around: Json): Promise<Json> {
  return unlisted === undefined ? around : answerGiving(unlisted.written, written, await answerGiving(unlisted.taken, records.length, around));
}

async function foundAnswer({ object, records }: BulkCase, search: NonNullable<ConnectorObject['search']>): Promise<VendorAnswer> {
  const held = await sampleRecords(object, records.length, (index) => ({ [matchOnOf(object)]: records[index]?.match ?? '' }));
  const entries = held.filter((_, index) => index !== 1).map(({ entry }) => entry);
  return writtenAs(search, { body: await answerGiving(search.records, entries) });
}

async function resultsAnswer({ object, records }: BulkCase, rule: JobResults): Promise<VendorAnswer> {
  const [good, bad] = records;
  const entries: JsonObject[] = [];
  if (good !== undefined && (rule.outcome === 'written' || rule.outcome === 'told')) entries.push(await writtenEntry(object, rule, good));
  if (bad !== undefined && (rule.outcome === 'rejected' || rule.outcome === 'told')) entries.push(await refusedEntry(object, rule, bad));
  if (rule.as === 'json') return { body: await answerGiving(rule.at, entries) };
  return writtenAs(rule, { body: entries });
}

/** Some say of what was written that it was. */
async function writtenEntry(object: ConnectorObject, rule: JobResults, record: OutgoingRecord): Promise<JsonObject> {
  const entry = await entryOf(object, rule, record, 0);
  const told = rule.status === undefined || rule.outcome !== 'told' ? entry : await answerGiving(rule.status, 200, entry);
  return isJsonObject(told) ? told : entry;
}

async function entryOf(object: ConnectorObject, rule: JobResults, record: OutgoingRecord, index: number): Promise<JsonObject> {
  const name = rule.by === 'id' ? (record.targetId ?? '') : rule.by === 'match' ? record.match : String(index);
  const named = await answerGiving(rule.key ?? (rule.by === 'match' ? matchOnOf(object) : rule.by), name);
  const entry: Json = rule.id === undefined || rule.by === 'id' ? named : await answerGiving(rule.id, '501', named);
  if (!isJsonObject(entry)) throw new Untried('a result of the job is not derivable: give an example.');
  return entry;
}

async function refusedEntry(object: ConnectorObject, { id: _, ...rule }: JobResults, record: OutgoingRecord): Promise<JsonObject> {
  const entry = await entryOf(object, rule, record, 1);
  const worded = rule.error === undefined ? entry : await answerGiving(rule.error, REFUSAL, entry);
  const told = rule.status === undefined || rule.error !== undefined ? worded : await answerGiving(rule.status, 422, worded);
  return isJsonObject(told) ? told : entry;
}
