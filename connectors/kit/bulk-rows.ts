import type { ConnectorObject } from '../../definition/schema/connector.ts';
import { CHANGE_KINDS, type ChangeKind } from '../../engine/outcome.ts';
import type { OpenConnection } from '../ports.ts';
import { type BulkCase, bulkVendor, KIT_JOB } from './bulk-vendor.ts';
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
  let state = 'kit-under-way';
  await onVendor(
    bench,
    bulkVendor(tried, () => state),
    async (connection) => {
      const writer = connection.target(objectName, matchOnOf(object)).jobs?.[kind];
      expectThat(writer !== undefined, 'the target has no jobs.');
      if (writer === undefined) return;
      const created = await writer.create(await batchFor(connection, objectName, kind, tried));
      expectSame(created.answer === 'created' ? created.job : created.answer, KIT_JOB, 'the job that was made');
      if (created.answer === 'created') expectSame((await created.upload?.({})) ?? 'taken', 'taken', 'the upload');
      expectSame(await writer.close(KIT_JOB, {}), {}, 'the begin of the job');
      for (const [told, expected] of [
        ['kit-under-way', 'running'],
        ...bulk.poll.done.map((one) => [one, 'done']),
        ...bulk.poll.failed.map((one) => [one, 'failed']),
      ]) {
        state = told ?? '';
        expectSame((await writer.look(KIT_JOB, {})).state, expected, `the state "${state}"`);
      }
      const results = await writer.readResults(KIT_JOB, records, {});
      expectSame(
        results.map(({ outcome }) => outcome),
        ['written', 'rejected', 'unknown'],
        'what became of the records',
      );
    },
  );
}

async function batchFor(connection: OpenConnection, objectName: string, kind: ChangeKind, { object, records }: BulkCase) {
  const target = connection.target(objectName, matchOnOf(object));
  return { id: 'b_kit_1', kind, records, permit: await target.acquirePermit(), checkBeforeDispatch: async () => undefined };
}
