import type { ConnectorObject } from '../../definition/schema/connector.ts';
import { CHANGE_KINDS, type ChangeKind } from '../../engine/outcome.ts';
import type { OpenConnection } from '../ports.ts';
import { type BulkCase, bulkVendor, type SaidOfJob } from './bulk-vendor.ts';
import { KIT_JOB } from './job-vendor.ts';
import { type KitBench, onVendor } from './kit-account.ts';
import { expectSame, expectThat, type KitRow, tryRow } from './kit-row.ts';
import { matchOnOf } from './search-rows.ts';
import { outgoing } from './send-batch.ts';

/** Three records: one written, one refused, one that no result names. */
const RECORDS = 3;

/** Writes by jobs: made, filled, begun, asked about in each of its states, its results read. */
export async function bulkRows(bench: KitBench, objectName: string, object: ConnectorObject): Promise<readonly KitRow[]> {
  const rows: KitRow[] = [];
  for (const kind of CHANGE_KINDS) {
    const bulk = object[kind]?.bulk;
    if (bulk === undefined) continue;
    const tried = { object, bulk, records: outgoing(object, kind, RECORDS) };
    rows.push(await tryRow({ object: objectName, operation: 'bulk', name: `${kind} by a job` }, () => job(bench, objectName, kind, tried)));
  }
  return rows;
}

async function job(bench: KitBench, objectName: string, kind: ChangeKind, tried: BulkCase): Promise<void> {
  const { object, bulk, records } = tried;
  const said: SaidOfJob = { state: 'kit-under-way', written: 2 };
  await onVendor(bench, bulkVendor(tried, said), async (connection) => {
    const writer = connection.target(objectName, matchOnOf(object)).jobs?.[kind];
    expectThat(writer !== undefined, 'the target has no jobs.');
    if (writer === undefined) return;
    const created = await writer.create(await batchFor(connection, objectName, kind, tried));
    const made = created.answer === 'created' ? created.job : created.answer;
    expectThat(made.endsWith(KIT_JOB), `the job that was made: expected ${KIT_JOB}, but it was ${made}.`);
    if (created.answer === 'created') expectSame((await created.upload?.({})) ?? 'taken', 'taken', 'the upload');
    expectSame(await writer.close(made, {}), bulk.close?.id === undefined ? {} : { job: KIT_JOB }, 'the begin of the job');
    for (const [told, expected] of [
      ['kit-under-way', 'running'],
      ...bulk.poll.done.map((one) => [one, 'done']),
      ...bulk.poll.failed.map((one) => [one, 'failed']),
    ]) {
      said.state = told ?? '';
      expectSame((await writer.look(KIT_JOB, {})).state, expected, `the state "${said.state}"`);
    }
    const outcomes = async () => (await writer.readResults(KIT_JOB, records, {})).map(({ outcome }) => outcome);
    if (bulk.unlisted === undefined) return expectSame(await outcomes(), ['written', 'rejected', 'unknown'], 'what became of the records');
    expectSame(await outcomes(), ['written', 'rejected', 'written'], 'what became of the records, the counts of the job agreeing');
    said.written = 1;
    expectSame(await outcomes(), ['unknown', 'rejected', 'unknown'], 'what became of the records, the counts of the job not agreeing');
    said.written = 0;
    expectSame(await outcomes(), ['again', 'rejected', 'again'], 'what became of the records of a job that wrote nothing');
  });
}

async function batchFor(connection: OpenConnection, objectName: string, kind: ChangeKind, { object, records }: BulkCase) {
  const target = connection.target(objectName, matchOnOf(object));
  return { id: 'b_kit_1', kind, records, permit: await target.acquirePermit(), checkBeforeDispatch: async () => undefined };
}
