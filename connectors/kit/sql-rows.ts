import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ResolvedConnection, resolvedConnectionSchema } from '../../definition/resolved.ts';
import type { ChangeKind } from '../../engine/outcome.ts';
import { openConnections } from '../open-connections.ts';
import type { OpenConnection, OutgoingRecord, WriteResult } from '../ports.ts';
import { quoteTable } from '../sql/names.ts';
import { openDatabase } from '../sql/open-sql-connection.ts';
import { expectFailure, expectSame, expectThat, type KitOperation, type KitRow, tryRow } from './kit-row.ts';
import { readKeys } from './read-keys.ts';

const OBJECT = 'table';
const PAGE_ROWS = 2;
const TIMEOUTS = { connectMs: 5_000, headersMs: 10_000, bodyMs: 10_000, requestMs: 10_000 };
type Sql = 'sqlite' | 'postgres';

/** A real database: a table is made, written, read and searched through the ports, and dropped. @param place of PostgreSQL: its URL */
export async function sqlRows(name: string, kind: Sql, place: string | undefined): Promise<readonly KitRow[]> {
  if (kind === 'postgres' && place === undefined) {
    const sentence = 'no database to try it on: give the URL of one that may hold a table of the kit in SYNCLINE_KIT_POSTGRES.';
    return [{ operation: 'account', name: 'a database', verdict: 'open', sentence }];
  }
  const folder = mkdtempSync(join(tmpdir(), 'syncline-kit-'));
  const table = `syncline_kit_${randomUUID().slice(0, 8)}`;
  const connection = connectionTo(name, kind, place ?? join(folder, 'kit.db'), table);
  // An empty file is an empty SQLite database.
  writeFileSync(join(folder, 'kit.db'), '');
  const connections = openConnections({ resolveSecrets: (value) => value, directory: folder });
  try {
    return await tableRows(connections.open(`kit/kit/${name}`, connection));
  } finally {
    await connections.close();
    if (kind === 'postgres') await dropTable(connection, place ?? '', table);
    rmSync(folder, { recursive: true, force: true });
  }
}

function connectionTo(name: string, kind: Sql, database: string, table: string): ResolvedConnection {
  return resolvedConnectionSchema.parse({
    name,
    connector: name,
    kind,
    database,
    baseUrl: '',
    auth: { type: 'none' },
    headers: {},
    limits: {},
    timeouts: TIMEOUTS,
    maxAnswerBytes: 64_000_000,
    allowPlainHttp: false,
    errors: [],
    hints: [],
    objects: {
      [OBJECT]: { table: { name: table, key: 'id', pageRows: PAGE_ROWS, createTable: true, widen: true }, orderedBy: 'changed_at' },
      few: { query: { select: `SELECT id, name FROM ${table} WHERE id > '101'`, key: 'id', pageRows: PAGE_ROWS } },
      strict: { table: { name: table, key: 'id' } },
    },
  });
}

/** Row after row on one table: what an earlier one wrote, a later one reads. */
async function tableRows(connection: OpenConnection): Promise<readonly KitRow[]> {
  const row = (operation: KitOperation, name: string, work: () => Promise<void>) => tryRow({ object: OBJECT, operation, name }, work);
  const source = connection.source(OBJECT);
  const found = async (ids: readonly string[]) => [...(await connection.target(OBJECT, 'id').search(ids)).keys()];
  const outcomes = async (of: ChangeKind, ids: readonly string[], more: object = {}) =>
    (await send(connection, OBJECT, of, ids, more)).map(({ outcome }) => outcome);
  return [
    await row('account', 'answers', () => connection.probe()),
    await row('create', 'one record, and the table is made', async () => expectSame(await outcomes('create', ['101']), ['written'], 'the outcome')),
    await row('delete', 'one record', async () => expectSame(await outcomes('delete', ['101']), ['written'], 'the outcome')),
    await row('read', 'empty', async () => expectSame(await readKeys(source, {}), [], 'the keys that were read')),
    await row('upsert', 'a batch, all good', async () => expectSame(await outcomes('upsert', IDS), ['written', 'written', 'written'], 'the outcomes')),
    await row('upsert', 'the same again', async () => {
      await outcomes('upsert', IDS);
      expectSame((await readKeys(source, {})).length, IDS.length, 'the number of rows');
    }),
    await row('read', 'many pages', async () => expectSame(await readKeys(source, {}), IDS, 'the keys that were read')),
    await row('read', 'same cursor twice', async () => {
      const { next } = await source.readPage({ window: {}, cursor: undefined });
      expectThat(next !== undefined, 'the first page leads to no other.');
      const [once, again] = [await source.readPage({ window: {}, cursor: next }), await source.readPage({ window: {}, cursor: next })];
      expectSame(again.records, once.records, 'the page that was read again');
    }),
    await row('read', 'a statement', async () => expectSame(await readKeys(connection.source('few'), {}), IDS.slice(1), 'the keys that were read')),
    await row('incremental', 'window', async () =>
      expectSame(await readKeys(source, { from: '2026-02-01T00:00:00.000Z' }), IDS.slice(1), 'the keys that were read'),
    ),
    await row('get', 'found and missing', async () => {
      expectSame((await source.readOne?.('102'))?.fields['name'], 'Kit 102', 'the record that was fetched');
      expectSame(await source.readOne?.('999'), undefined, 'a record that is not there');
    }),
    await row('search', 'found and not found', async () => expectSame(await found(['102', '999']), ['102'], 'what was found')),
    await row('update', 'one record', async () => {
      expectSame(await outcomes('update', ['102'], { name: 'Changed' }), ['written'], 'the outcome');
      expectSame((await source.readOne?.('102'))?.fields['name'], 'Changed', 'the name');
    }),
    await row('update', 'a field that is cleared', async () => {
      await outcomes('update', ['102'], { name: null });
      expectSame((await source.readOne?.('102'))?.fields['name'], null, 'the name');
    }),
    await row('update', 'a record that is gone', async () => expectSame(await outcomes('update', ['999']), ['rejected'], 'the outcome')),
    await row('upsert', 'an unknown field widens the table', async () => {
      await outcomes('upsert', ['101'], { kit_unknown: 'x' });
      expectSame((await connection.source(OBJECT).readOne?.('101'))?.fields['kit_unknown'], 'x', 'the field');
    }),
    await row('upsert', 'an unknown field where the table may not change', async () => {
      await expectFailure(send(connection, 'strict', 'upsert', ['101'], { kit_other: 'x' }), ['DEFINITION_INVALID']);
    }),
    await row('discover', 'columns of the table', async () => {
      const names = (await connection.discover?.fields(OBJECT))?.facts.map((facts) => facts.name) ?? [];
      expectThat(names.includes('id') && names.includes('name'), 'the columns are not told.');
    }),
    // A database keeps nothing of what was deleted: what a full read leaves out is gone.
    await row('deleted', 'what is gone', async () => {
      expectSame(await outcomes('delete', ['102']), ['written'], 'the outcome');
      expectSame(await readKeys(source, {}), ['101', '103'], 'the keys of a full read');
      expectSame(await source.readOne?.('102'), undefined, 'the record, asked for by its key');
    }),
  ];
}

const IDS = ['101', '102', '103'];

async function send(connection: OpenConnection, objectName: string, kind: ChangeKind, ids: readonly string[], more: object): Promise<readonly WriteResult[]> {
  const target = connection.target(objectName, 'id');
  const records = ids.map((id): OutgoingRecord => {
    const isIdOnly = kind === 'delete';
    const fields = { id, name: `Kit ${id}`, changed_at: `2026-0${Number(id) - 100}-15T00:00:00.000Z`, ...more };
    return { fields: isIdOnly ? {} : fields, match: id, ...(kind === 'update' || kind === 'delete' ? { targetId: id } : {}) };
  });
  const answered = await target.send({ id: 'b_kit_1', kind, records, permit: await target.acquirePermit(), checkBeforeDispatch: async () => undefined });
  if (answered.answer === 'refused') return [{ outcome: 'rejected', rejection: answered.rejection }];
  return answered.answer === 'results' ? answered.results : [];
}

async function dropTable(connection: ResolvedConnection, place: string, table: string): Promise<void> {
  const database = openDatabase(connection, place, '.');
  const permit = await database.acquirePermit();
  try {
    await database.alter([`DROP TABLE IF EXISTS ${quoteTable(table)}`], connection.name, permit);
  } finally {
    permit.release();
    await database.close();
  }
}
