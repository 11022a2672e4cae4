import type { ConnectorObject, WriteEndpoint } from '../../definition/schema/connector.ts';
import { CHANGE_KINDS, type ChangeKind } from '../../engine/outcome.ts';
import type { BatchAnswer, WriteResult } from '../ports.ts';
import { hasRequest } from '../rest/rest-target.ts';
import { partsOf, readJoinedKey } from './joined-key.ts';
import { type KitBench, onVendor } from './kit-account.ts';
import { expectFailure, expectSame, expectThat, type KitRow, tryRow } from './kit-row.ts';
import { createsOnce } from './lost-create.ts';
import type { AnswerRequest, VendorRequest } from './mock-vendor.ts';
import { wordsOf } from './read-rows.ts';
import { outgoing, sendBatch } from './send-batch.ts';
import { clears, keepsKey, takesAnyField } from './write-details.ts';
import { idOf, nameOf, namesRefusals, REFUSAL, type Said, type WriteCase, writeAnswer } from './write-vendor.ts';

const BATCH = 3;

/** Every write of an object: alone and in batches, with all that an answer may say of them. */
export async function writeRows(bench: KitBench, objectName: string, object: ConnectorObject): Promise<readonly KitRow[]> {
  const rows: KitRow[] = [];
  for (const kind of CHANGE_KINDS) {
    const endpoint = object[kind];
    if (endpoint !== undefined && hasRequest(endpoint)) rows.push(...(await kindRows(bench, objectName, object, kind, endpoint)));
  }
  return rows;
}

async function kindRows(bench: KitBench, objectName: string, object: ConnectorObject, kind: ChangeKind, endpoint: WriteEndpoint): Promise<readonly KitRow[]> {
  const row = (name: string, work: () => Promise<void>) => tryRow({ object: objectName, operation: kind, name }, work);
  const caseOf = (count: number): WriteCase => ({ object, endpoint, kind, records: outgoing(object, kind, count) });
  const sent = (answer: AnswerRequest, count = 1, check?: (answered: BatchAnswer) => void) =>
    onVendor(bench, answer, async (connection) => {
      const answered = await sendBatch(connection, objectName, object, kind, caseOf(count).records);
      check?.(answered);
    });
  const say = async (said: readonly Said[]) => {
    const written = caseOf(said.length);
    const answer = await writeAnswer(written, said);
    const requests = await sent(
      () => answer,
      said.length,
      (answered) => checkOutcomes(answered, written, said),
    );
    expectSame(requests.length, 1, 'requests for one batch');
    namesRecords(written, requests);
  };
  const refusedBy = (status: number, expected: BatchAnswer['answer']) =>
    sent(
      () => ({ status, body: { message: REFUSAL } }),
      1,
      (answered) => expectSame(answered.answer, expected, `what a ${status} means`),
    ).then(() => undefined);
  const isBatch = endpoint.max > 1;
  const oneBad = async () => {
    const said: readonly Said[] = ['good', 'bad', 'good'];
    await say(said.slice(0, endpoint.max));
    // Where a refusal names no record of several, only one that was sent alone is known to be refused.
    if (!namesRefusals(caseOf(said.length))) await say(['bad']);
  };
  return [
    await row('one record', () => say(['good'])),
    ...(isBatch ? [await row('a batch, all good', () => say(Array.from({ length: Math.min(BATCH, endpoint.max) }, () => 'good')))] : []),
    ...(isBatch ? [await row('one bad record', oneBad)] : []),
    ...(isBatch ? [await row('a record not mentioned', () => say(['good', 'nothing']))] : []),
    await row('refused whole', () => refusedBy(422, 'refused')),
    await row('too large', () => refusedBy(413, 'too-large')),
    await row('the answer is lost', async () => {
      await onVendor(
        bench,
        () => ({ isLost: true }),
        async (connection) => {
          await expectFailure(sendBatch(connection, objectName, object, kind, caseOf(1).records), ['WRITE_OUTCOME_UNKNOWN']);
        },
      );
    }),
    ...(kind === 'delete' || !takesAnyField(endpoint) ? [] : [await row('a field that is cleared', () => clears(bench, objectName, object, kind, endpoint))]),
    ...(endpoint.idempotency === 'none' && kind === 'create'
      ? [await row('no idempotency key: made once', () => createsOnce(bench, objectName, object, endpoint))]
      : []),
    ...(endpoint.idempotency !== 'none' && (kind === 'create' || endpoint.idempotency !== undefined)
      ? [await row('idempotency key', () => keepsKey(bench, objectName, object, kind, endpoint))]
      : []),
  ];
}

function checkOutcomes(answered: BatchAnswer, written: WriteCase, said: readonly Said[]): void {
  if (answered.answer !== 'results') {
    expectSame(answered.answer, 'results', 'how the answer was understood');
    return;
  }
  const { results, each } = written.endpoint;
  const isTold = (results === undefined || each !== undefined ? written.kind !== 'delete' : false) || results?.id !== undefined;
  const expected = said.map((word, index) =>
    word === 'good' ? `written${isTold ? ` as ${idOf(written, index)}` : ''}` : word === 'bad' && namesRefusals(written) ? 'rejected' : 'unknown',
  );
  expectSame(answered.results.map(outcomeWords), expected, 'what became of the records');
  const bad = answered.results.find((result) => result.outcome === 'rejected');
  if (bad?.outcome === 'rejected') expectSame(bad.rejection.message, REFUSAL, "the vendor's words");
}

function outcomeWords(result: WriteResult): string {
  return result.outcome === 'written' && result.targetId !== undefined ? `written as ${result.targetId}` : result.outcome;
}

/** An answer can only name records by what the request called them. */
function namesRecords({ endpoint, records }: WriteCase, requests: readonly VendorRequest[]): void {
  const by = endpoint.results?.by;
  if (by === undefined || by === 'index') return;
  const [request] = requests;
  const words = request === undefined ? '' : wordsOf(request);
  for (const [index, record] of records.entries()) {
    const name = nameOf(record, index, by);
    const joined = endpoint.results?.key === undefined ? undefined : readJoinedKey(endpoint.results.key);
    const parts = joined === undefined ? [name] : (partsOf(joined, name)?.map(([, part]) => part) ?? [name]);
    const isNamed = by === 'ref' ? words.includes(`"${name}"`) : parts.every((part) => words.includes(part) || words.includes(encodeURIComponent(part)));
    expectThat(isNamed, `results name records by ${by}, and the request has no ${by} of a record.`);
  }
}
