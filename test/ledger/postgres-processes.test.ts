import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { closeBooks } from '../../engine/books.ts';
import type { ClaimedBatch } from '../../ledger/ledger.ts';
import { openLedger } from '../../ledger/open-ledger.ts';
import { temporaryDatabases } from '../support/databases.ts';
import { query } from '../support/postgres.ts';
import { temporaryFolders } from './support/folders.ts';
import { changed, changedTo, keysOf, RunDriver, written } from './support/run-driver.ts';
import { startWriter } from './support/writers.ts';

const makeFolder = temporaryFolders();
const makeDatabase = temporaryDatabases();
const RECORDS = 1_500;

const place = async () => ({ url: await makeDatabase(), directory: makeFolder() });
const open = (at: { readonly url: string; readonly directory: string }) => openLedger({ ...at, values: 'plain' });

describe('processes that share a PostgreSQL ledger', () => {
  it('claim every change exactly once, while another one stages', async () => {
    const at = await place();
    const ledger = await open(at);
    const run = await RunDriver.start(ledger);
    const writers = ['a', 'b', 'c'].map((name) => startWriter(at.url, at.directory, 'drain', name));
    const keys = Array.from({ length: RECORDS }, (_, n) => `k${n}`);
    for (let n = 0; n < RECORDS; n += 100) await run.stage(keys.slice(n, n + 100).map((key) => changed(key)));
    await run.close();
    for (const [code] of await Promise.all(writers.map(({ child }) => once(child, 'exit')))) assert.equal(code, 0);
    const claimed = writers.map((writer) => writer.output().split(/\s+/).filter(Boolean));
    assert.deepEqual(claimed.flat().toSorted(), keys.toSorted());
    assert.ok(claimed.filter((own) => own.length > 0).length >= 2, 'more than one process had a part in it');
    const totals = await ledger.deriveTotals('r_1');
    assert.deepEqual([totals.read, totals.written, totals.created], [RECORDS, RECORDS, RECORDS]);
    assert.deepEqual(await run.liveTotals(), totals);
    await ledger.close();
  });

  it('divide the limits of an account by the clock of the server, whatever their own say', async (context) => {
    const ledger = await open(await place());
    const ask = { account: 'acme/dev/crm', weight: 4, demand: 1, meters: [], leaseMs: 30_000 };
    await ledger.leaseLimits({ ...ask, holder: 'one' });
    context.mock.timers.enable({ apis: ['Date'], now: Date.now() + 3_600_000 });
    assert.equal((await ledger.leaseLimits({ ...ask, holder: 'an hour ahead' })).holders, 2);
    await ledger.blockAccount(ask.account, { ms: 60_000, reason: 'asked' });
    context.mock.timers.reset();
    const { holders, block } = await ledger.leaseLimits({ ...ask, holder: 'one' });
    assert.ok(holders === 2 && block !== undefined && block.ms <= 60_000, JSON.stringify({ holders, block }));
    await ledger.close();
  });

  it('killed with SIGKILL in the midst of staging and settling leave a whole ledger, from which the next run goes on', async () => {
    for (let round = 0; round < 3; round++) {
      const at = await place();
      const { child, output } = startWriter(at.url, at.directory, 'churn');
      while (output().length < 12) await sleep(5);
      await sleep(Math.random() * 60);
      const settled = output().length;
      child.kill('SIGKILL');
      await once(child, 'exit');
      await assertWhole(at.url, settled * 10);
      // The same execution goes on in the next process: only the batch in flight has to be looked into.
      const ledger = await open(at);
      const run = new RunDriver(ledger, { now: Date.now() });
      for (const lost of await ledger.listUnresolved('r_1', 0, []))
        await run.settle(await run.takeOver(lost.id, 'after'), ({ id }) => written(id, { created: true }));
      await run.writeAll();
      const totals = await ledger.deriveTotals('r_1');
      assert.ok(closeBooks(totals).closes);
      assert.equal(totals.written, totals.read);
      assert.deepEqual(await run.liveTotals(), totals);
      await run.end();
      await ledger.close();
    }
  });
});

describe('writers side by side on a PostgreSQL ledger', () => {
  it('never have one target record in flight twice, whatever sync it comes from', async () => {
    const at = await place();
    const ledgers = await Promise.all([open(at), open(at), open(at)]);
    const emails = Array.from({ length: 60 }, (_, n) => `person${n}@x.test`);
    const runs = [];
    for (const [n, ledger] of ledgers.entries()) {
      const run = await RunDriver.start(ledger, { id: `r_${n}`, scope: `acme/dev/sync${n}` });
      // Each in another order, so that claims would wait for each other in a circle.
      const ordered = n === 1 ? emails.toReversed() : emails;
      await run.stage(ordered.map((email, key) => changed(`${n}-${key}`, { match: email, fields: { email, from: n } })));
      runs.push(run);
    }
    const inFlight = new Set<string>();
    const counts = await Promise.all(runs.map((run) => writeAll(run, inFlight)));
    assert.deepEqual(counts, [60, 60, 60]);
    for (const ledger of ledgers) await ledger.close();
  });

  it('take each change once, where many claim from one segment at once', async () => {
    const at = await place();
    const ledger = await open(at);
    const run = await RunDriver.start(ledger);
    await run.stage(Array.from({ length: 400 }, (_, n) => changed(`k${n}`)));
    const claimed: string[] = [];
    const claimAll = async () => {
      for (let batch = await run.claim({ maxRecords: 7 }); batch !== undefined; batch = await run.claim({ maxRecords: 7 })) {
        claimed.push(...keysOf(batch));
        await run.settle(batch, ({ id }) => written(id, { created: true }));
      }
    };
    await Promise.all(Array.from({ length: 8 }, claimAll));
    // Whoever found everything taken by others in this moment has ended; what they gave back is claimed now.
    await claimAll();
    assert.equal(new Set(claimed).size, 400);
    assert.equal(claimed.length, 400);
    assert.equal((await run.liveTotals()).written, 400);
    await ledger.close();
  });

  it('settle side by side with a reader that stages newer versions, and the counters agree with the rows', async () => {
    const at = await place();
    const ledger = await open(at);
    const run = await RunDriver.start(ledger);
    const keys = Array.from({ length: 120 }, (_, n) => `k${n}`);
    let isReading = true;
    const read = async () => {
      for (let version = 0; version < 15; version++) await run.stage(keys.map((key) => changedTo(key, `version ${version}`)));
      isReading = false;
    };
    const write = async () => {
      for (;;) {
        const wasReading = isReading;
        const batch = await run.claim({ maxRecords: 20 });
        if (batch !== undefined) await run.settle(batch, ({ id }) => written(id));
        else if (!wasReading) return;
      }
    };
    await Promise.all([read(), write(), write(), write()]);
    await write();
    const totals = await ledger.deriveTotals(run.id);
    assert.deepEqual([totals.read, totals.written], [120, 120]);
    assert.deepEqual(await run.liveTotals(), totals);
    for (const key of keys) assert.equal((await run.state(key))?.fields?.['name'], 'version 14');
    await ledger.close();
  });
});

/** What one process decided by may have changed while it stood still, before its claim was in the way of others. */
describe('a claim on a PostgreSQL ledger that stands still half-way', () => {
  it('creates nothing that another sync has created meanwhile', async () => {
    const at = await place();
    const ledger = await open(at);
    const [slow, quick] = [await RunDriver.start(ledger), await RunDriver.start(ledger, { id: 'r_2', scope: 'acme/dev/others' })];
    for (const run of [slow, quick]) await run.stage([changed(`of ${run.id}`, { kind: 'create', match: 'same@x.test' })]);
    const obstacle = await openObstacle(at.url, 'b_slow');
    const claiming = slow.mustClaim({ batchId: 'b_slow' });
    while (Number((await query(at.url, `SELECT count(*) AS n FROM pg_stat_activity WHERE wait_event_type = 'Lock'`))[0]?.['n']) === 0) await sleep(5);
    const other = await quick.mustClaim();
    await quick.settle(other, ({ id }) => written(id, { created: true, targetId: 't7' }));
    await obstacle.remove();
    const batch = await claiming;
    assert.deepEqual([batch.kind, batch.changes.map(({ targetId }) => targetId)], ['update', ['t7']]);
    await ledger.close();
  });
});

/** A batch of that id, not yet committed: who inserts another one waits. */
async function openObstacle(url: string, batchId: string): Promise<{ remove(): Promise<void> }> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query('BEGIN');
  const sql = `INSERT INTO syncline.batches (id, run_id, segment, scope, kind, token, send_by, state, size, claimed_at) VALUES ($1, 'r', 0, 's', 'create', 't', 0, 'settled', 0, 0)`;
  await client.query(sql, [batchId]);
  return {
    remove: async () => {
      await client.query('ROLLBACK');
      await client.end();
    },
  };
}

/** Claims and settles until nothing is left, and fails where a target record is in flight already. @returns how many were written */
async function writeAll(run: RunDriver, inFlight: Set<string>): Promise<number> {
  for (let count = 0; ; ) {
    const batch: ClaimedBatch | undefined = await run.claim({ maxRecords: 10 });
    if (batch === undefined) {
      if ((await run.ledger.readBacklog(run.id, 0)).planned === 0) return count;
      await sleep(2);
      continue;
    }
    for (const { match } of batch.changes) {
      assert.ok(!inFlight.has(match), `${match} is in flight twice`);
      inFlight.add(match);
    }
    await sleep(Math.random() * 4);
    for (const { match } of batch.changes) inFlight.delete(match);
    await run.settle(batch, ({ id }) => written(id));
    count += batch.changes.length;
  }
}

/** Every settled batch that was told of is there, and sums agree with rows. */
async function assertWhole(url: string, settledAtLeast: number): Promise<void> {
  const one = async (sql: string) => Number(Object.values((await query(url, sql.replaceAll('FROM ', 'FROM syncline.')))[0] ?? {})[0]);
  const settled = await one(`SELECT count(*) FROM changes WHERE state = 'settled'`);
  assert.ok(settled >= settledAtLeast, `${settled} settled, ${settledAtLeast} were told of`);
  assert.equal(await one('SELECT written FROM segments WHERE idx = 0'), settled);
  assert.equal(await one(`SELECT count(*) FROM records WHERE last_outcome = 'written'`), settled);
  assert.equal(await one('SELECT taken FROM segments WHERE idx = 0'), await one('SELECT count(*) FROM sightings'));
  assert.equal(await one('SELECT cursor::integer * 50 FROM segments WHERE idx = 0'), await one('SELECT count(*) FROM changes'));
  const inFlight = await one(`SELECT coalesce(sum(size), 0) FROM batches WHERE state = 'sending'`);
  assert.equal(inFlight, await one(`SELECT count(*) FROM changes WHERE state = 'sending'`));
}
