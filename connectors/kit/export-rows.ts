import { readsWindow } from '../../definition/reads-window.ts';
import type { ConnectorObject, ExportRule } from '../../definition/schema/connector.ts';
import { SyncError } from '../../engine/errors.ts';
import type { OpenConnection, Page } from '../ports.ts';
import { exportVendor } from './export-vendor.ts';
import { type KitBench, onVendor } from './kit-account.ts';
import { expectFailure, expectSame, expectThat, type KitOperation, type KitRow, tryRow } from './kit-row.ts';
import { sampleRecords } from './sample-records.ts';

const RECORDS = 5;
const WINDOW = { from: '2026-02-03T04:05:06.000Z' };

/** Reading by exports: made, waited for, read, gone on with; given up; and of a window. */
export async function exportRows(bench: KitBench, objectName: string, object: ConnectorObject, rule: ExportRule): Promise<readonly KitRow[]> {
  const row = (operation: KitOperation, name: string, work: () => Promise<void>) => tryRow({ object: objectName, operation, name }, work);
  const rows = [
    await row('read', 'an export', () => tryExport(bench, objectName, object, rule)),
    await row('bulk', 'an export that is given up', () => tryFailed(bench, objectName, rule)),
  ];
  if (readsWindow(object)) rows.push(await row('incremental', 'window', () => tryWindow(bench, objectName, rule)));
  return rows;
}

/** The request that makes it says which window is asked for. */
async function tryWindow(bench: KitBench, objectName: string, rule: ExportRule): Promise<void> {
  const requests = await onVendor(bench, exportVendor(rule, { state: '' }, []), async (connection) => {
    await connection.source(objectName).readPage({ window: WINDOW, cursor: undefined });
  });
  const asked = requests.some(({ text, query }) => `${text} ${query.toString()}`.includes(WINDOW.from.slice(0, 10)));
  expectThat(asked, 'the request for an export does not say from when on.');
}

async function tryFailed(bench: KitBench, objectName: string, rule: ExportRule): Promise<void> {
  const said = { state: '' };
  await onVendor(bench, exportVendor(rule, said, []), async (connection) => {
    const source = connection.source(objectName);
    const { next } = await source.readPage({ window: {}, cursor: undefined });
    for (const failed of rule.poll.failed) {
      said.state = failed;
      await expectFailure(source.readPage({ window: {}, cursor: next }), ['CURSOR_EXPIRED']);
    }
  });
}

/** An export: asked for, found at work, read to its end, and gone on with from the same place. */
async function tryExport(bench: KitBench, objectName: string, object: ConnectorObject, rule: ExportRule): Promise<void> {
  const said = { state: 'kit-under-way' };
  const held = await sampleRecords(object, RECORDS);
  await onVendor(bench, exportVendor(rule, said, held), async (connection) => {
    const source = connection.source(objectName);
    const made = await source.readPage({ window: {}, cursor: undefined });
    expectSame(made.records.length, 0, 'records before the export was made');
    expectThat(made.next !== undefined, 'the export has no place to go on from.');
    const asked = { window: {}, cursor: made.next };
    await expectFailure(source.readPage(asked), ['JOB_RUNNING']);
    said.state = rule.poll.done[0] ?? '';
    const keys = held.map(({ key }) => key);
    expectSame(await readOn(connection, objectName, made), keys, 'the keys of the records');
    expectSame(await readOn(connection, objectName, made), keys, 'the keys of the records, read by who goes on');
  });
}

async function readOn(connection: OpenConnection, objectName: string, made: Page): Promise<readonly string[]> {
  const keys: string[] = [];
  for (let cursor = made.next; cursor !== undefined; ) {
    const page: Page = await connection.source(objectName).readPage({ window: {}, cursor });
    keys.push(...page.records.map(({ key }) => key));
    cursor = page.next;
    if (keys.length > RECORDS) throw new SyncError({ code: 'CONTRACT_BROKEN', retry: 'never', message: 'The export does not end.' });
  }
  return keys;
}
