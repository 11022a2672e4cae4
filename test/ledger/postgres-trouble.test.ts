import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { openLedger } from '../../ledger/open-ledger.ts';
import { Database } from '../../ledger/postgres/database.ts';
import { PostgresServer, query } from '../support/postgres.ts';
import { temporaryFolders } from './support/folders.ts';
import { changed, NEVER, RunDriver, withCode, written } from './support/run-driver.ts';

const makeFolder = temporaryFolders();
let server: PostgresServer;
before(async () => {
  server = await PostgresServer.start();
});
after(() => server.stop());

const open = (url: string) => openLedger({ url, directory: makeFolder(), values: 'plain' });
const KILL_OTHERS = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = current_database()`;

async function untilWaiting(url: string): Promise<void> {
  const sql = `SELECT count(*) AS n FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()`;
  while (Number((await query(url, sql))[0]?.['n']) === 0) await sleep(5);
}

/** Holds the lock of a scope, as a process would that is in the midst of a page. */
async function holdScope(url: string, scope: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  await client.query('BEGIN');
  await client.query('SELECT pg_advisory_xact_lock(7301, hashtext($1))', [scope]);
  return client;
}

describe('a PostgreSQL ledger in trouble', () => {
  it('goes on by itself after connections that nobody used were lost', async () => {
    const url = await server.createDatabase();
    const ledger = await open(url);
    await ledger.saveWatermark('s', { value: '1' }, 1);
    await query(url, KILL_OTHERS);
    await sleep(50);
    assert.deepEqual(await ledger.readWatermark('s'), { value: '1', savedAt: 1 });
    await ledger.close();
  });

  it('has changed nothing where a connection was lost in the midst of a page: the same page is staged again', async () => {
    const url = await server.createDatabase();
    const ledger = await open(url);
    const run = await RunDriver.start(ledger);
    const obstacle = await holdScope(url, run.scope);
    const staging = run.stage([changed('1'), changed('2')]);
    const failed = assert.rejects(staging, (error: Error) => withCode('STORE_UNAVAILABLE')(error) && 'retry' in error && error.retry === 'backoff');
    await untilWaiting(url);
    await query(url, KILL_OTHERS);
    await failed;
    await obstacle.end().catch(() => undefined);
    assert.equal((await ledger.readBacklog(run.id, 0)).planned, 0);
    assert.deepEqual(await run.stage([changed('1'), changed('2')]), { staged: 2, seenAgain: 0 });
    await ledger.close();
  });

  it('keeps through a crash of the server what it has said to be done, and says what to do while it is away', async () => {
    const url = await server.createDatabase();
    const ledger = await open(url);
    const run = await RunDriver.start(ledger);
    await run.stage([changed('1'), changed('2')], { nextCursor: 'after 2' });
    const settled = await run.mustClaim({ maxRecords: 1 });
    await run.settle(settled, ({ id }) => written(id));
    const claimed = await run.mustClaim({ maxRecords: 1 });
    await server.pause('at-once');
    await assert.rejects(run.claim(), (error: Error) => withCode('STORE_UNAVAILABLE')(error) && /does not answer|on its way up or down/.test(error.message));
    await server.resume();
    assert.ok(await ledger.holdsBatch(claimed.id, claimed.token));
    assert.deepEqual((await ledger.readSegment(run.id, 0))?.cursor, 'after 2');
    await run.settle(claimed, ({ id }) => written(id));
    assert.equal((await ledger.deriveTotals(run.id)).written, 2);
    await ledger.close();
  });

  it('lets go of what a process holds that stands still in the midst of a transaction', async () => {
    const url = await server.createDatabase();
    const ledger = await open(url);
    const run = await RunDriver.start(ledger);
    const frozen = new Database(url);
    let standsStill: () => void = () => undefined;
    const reached = new Promise<void>((resolve) => {
      standsStill = resolve;
    });
    const stuck = frozen.write(async (session) => {
      await session.get('SELECT pg_advisory_xact_lock(7301, hashtext($1)) IS NULL AS done', run.scope);
      standsStill();
      await sleep(11_000);
      await session.run('DELETE FROM runs');
    });
    const failed = assert.rejects(stuck, withCode('STORE_UNAVAILABLE'));
    await reached;
    await run.stage([changed('1')]);
    await failed;
    assert.equal((await ledger.readRun(run.id))?.id, run.id);
    await frozen.close();
    await ledger.close();
  });

  it('calls a statement that cannot be right a defect, without a value of a record, and does not have it tried again', async () => {
    const ledger = await open(await server.createDatabase());
    const run = await RunDriver.start(ledger);
    await run.stage([changed('1'), changed('2')]);
    await run.mustClaim({ batchId: 'b_1', maxRecords: 1 });
    await assert.rejects(run.claim({ batchId: 'b_1' }), (error: Error) => withCode('INTERNAL')(error) && !error.message.includes('b_1'));
    assert.equal((await ledger.readBacklog('r_1', 0)).planned, 1, 'and nothing was changed');
    await ledger.close();
  });

  it('keeps keys that PostgreSQL has no text for', async () => {
    const ledger = await open(await server.createDatabase());
    const run = await RunDriver.start(ledger);
    const keys = ['a\u0000b', 'a\uE000b', 'a\uE0000b', '\u{1F600}', "';--", '{"a",b}', 'NULL', ' '];
    await run.stage(keys.map((key) => changed(key)));
    await run.writeAll();
    assert.deepEqual([...(await ledger.readRecords(run.scope, keys)).keys()].toSorted(), keys.toSorted());
    assert.equal((await run.stage(keys.map((key) => changed(key)))).seenAgain, keys.length);
    assert.equal((await ledger.readHistory(run.scope, { key: 'a\u0000b' }))?.state.key, 'a\u0000b');
    await ledger.close();
  });

  it('looks as few rows up for each record once there are many as at the beginning, although nothing has told the planner how many there are', async () => {
    const url = await server.createDatabase();
    await query(url, `ALTER DATABASE ${new URL(url).pathname.slice(1)} SET plan_cache_mode = force_generic_plan`);
    const ledger = await open(url);
    for (const id of ['r_1', 'r_2']) {
      const run = await RunDriver.start(ledger, { id });
      const records = (page: number) => Array.from({ length: 200 }, (_, n) => changed(`${page}-${n}`, { contentHash: id, targetId: `t${page}-${n}` }));
      for (let page = 0; page < 15; page++) await run.stage(records(page));
      await run.writeAll();
      await run.close();
      await run.end();
    }
    await ledger.close();
    const sql = `SELECT sum(idx_tup_read) / 6000 AS each, (SELECT sum(seq_tup_read) / 6000 FROM pg_stat_user_tables) AS scanned FROM pg_stat_user_indexes`;
    const [read] = await query(url, sql);
    assert.ok(Number(read?.['each']) < 60 && Number(read?.['scanned']) < 60, JSON.stringify(read));
  });

  it('looks into one run, and into what it has in flight, without a look through what all runs have left', async () => {
    const url = await server.createDatabase();
    const directory = makeFolder();
    const before = await openLedger({ url, directory, values: 'plain' });
    const old = await RunDriver.start(before);
    for (let page = 0; page < 10; page++) await old.stage(Array.from({ length: 200 }, (_, n) => changed(`${page}-${n}`)));
    await old.writeAll();
    await old.close();
    await old.end();
    await before.close();
    const looked = async () => {
      const isOpen = async () =>
        (await query(url, `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'syncline'`)).length > 0;
      while (await isOpen()) await sleep(20);
      const sql = `SELECT seq_tup_read + idx_tup_fetch AS rows FROM pg_stat_user_tables WHERE relname = 'changes'`;
      return Number((await query(url, sql))[0]?.['rows']);
    };
    const first = await looked();
    const ledger = await openLedger({ url, directory, values: 'plain' });
    const run = await RunDriver.start(ledger, { id: 'r_2', now: 5_000 });
    await run.stage(Array.from({ length: 20 }, (_, n) => changed(`new ${n}`)));
    const batch = await run.mustClaim({ maxRecords: 10 });
    assert.equal((await ledger.listUnresolved('r_2', 0, [])).length, 1);
    assert.deepEqual(await ledger.listBlocking('r_2', 0), []);
    await run.settle(batch, ({ id }) => ({ changeId: id, outcome: 'rejected', rejection: NEVER }));
    assert.equal((await ledger.listRunOutcomes('r_2', { limit: 100 })).outcomes.length, 10);
    assert.equal((await ledger.readRunLog('r_2', { since: 0, limit: 100 })).records.length, 10);
    await ledger.close();
    const rows = (await looked()) - first;
    assert.ok(rows < 1_000, `${rows} rows`);
  });

  it('says so when it was closed', async () => {
    const ledger = await open(await server.createDatabase());
    await ledger.close();
    await ledger.close();
    await assert.rejects(ledger.readRun('r_1'), /was closed/);
  });
});
