import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import type { Ledger } from '../../ledger/ledger.ts';
import { openLedger } from '../../ledger/open-ledger.ts';
import { changed, changedTo, keysOf, RunDriver, rejected, SCOPE, unchanged, written } from './support/run-driver.ts';

async function openStore(context: TestContext, values: 'plain' | 'encrypted' = 'plain'): Promise<Ledger> {
  const directory = mkdtempSync(join(tmpdir(), 'syncline-handover-'));
  const ledger = await openLedger({ url: 'sqlite', directory, values });
  context.after(async () => {
    await ledger.close();
    rmSync(directory, { recursive: true });
  });
  return ledger;
}

const two = { maxRecords: 2 };
const batchesOf = (page: { readonly claimed: readonly Parameters<typeof keysOf>[0][] }) => page.claimed.map((batch) => keysOf(batch));
const create = (key: string, match?: string) => changed(key, { kind: 'create', ...(match === undefined ? {} : { match }) });

describe('a page that is staged for a writer who waits', () => {
  for (const values of ['plain', 'encrypted'] as const)
    it(`is claimed as it is staged, with all that its sender needs (${values})`, async (context) => {
      const run = await RunDriver.start(await openStore(context, values));
      const page = await run.stageFor(
        [{ ...two, batchId: 'b_1', token: 'w', sendBy: 7_000 }],
        [changed('2', { targetId: 't2' }), changed('1', { sourceVersion: '9' })],
      );
      assert.deepEqual([page.staged, page.seenAgain], [2, 0]);
      const [batch] = page.claimed;
      assert.ok(batch);
      const { changes, ...rest } = batch;
      assert.deepEqual(rest, { id: 'b_1', token: 'w', kind: 'upsert', attempts: 0, sendBy: 7_000 });
      const asSent = (key: string, more: object) => ({
        key,
        kind: 'upsert',
        fields: { email: `k${key}@x.test` },
        match: `k${key}@x.test`,
        contentHash: `{"email":"k${key}@x.test"}`,
        earlierBatches: 0,
        ...more,
      });
      assert.deepEqual(
        changes.map(({ id, ...change }) => [typeof id, change]),
        [
          ['number', asSent('2', { targetId: 't2' })],
          ['number', asSent('1', { sourceVersion: '9' })],
        ],
      );
      assert.equal(await run.ledger.holdsBatch('b_1', 'w'), true);
      // What the store has of it is the same: who takes it over gets it from there.
      assert.deepEqual((await run.takeOver('b_1', 'other')).changes, changes);
    });

  it('ends in the books as any other', async (context) => {
    const run = await RunDriver.start(await openStore(context));
    const { claimed } = await run.stageFor([two, two], [changed('1'), rejected('2'), changed('3'), unchanged('4'), changed('5')]);
    assert.deepEqual(claimed.map(keysOf), [['1', '3']]);
    assert.deepEqual(await run.ledger.readBacklog(run.id, 0), { planned: 1, inFlight: 2, unknown: 0, isClosed: false });
    for (const batch of claimed) await run.settle(batch, ({ id }) => written(id, { created: true, targetId: `t${id}` }));
    await run.writeAll();
    const totals = await run.ledger.deriveTotals(run.id);
    assert.deepEqual([totals.read, totals.written, totals.created, totals.rejected, totals.unchanged], [5, 3, 3, 1, 1]);
    assert.deepEqual(await run.liveTotals(), totals);
  });

  it('ends in the books where there are more than are summed at a time', async (context) => {
    const run = await RunDriver.start(await openStore(context));
    const keys = Array.from({ length: 20_003 }, (_, n) => `k${n}`);
    const records = keys.map((key, n) => (n === 7 ? unchanged(key) : changed(key)));
    const { claimed } = await run.stageFor([{ maxRecords: 20_002, maxBytes: 1e9 }], records);
    for (const batch of claimed) await run.settle(batch, ({ id }) => written(id, { created: id % 2 === 0 }));
    const totals = await run.ledger.deriveTotals(run.id);
    assert.deepEqual([totals.written, totals.created, totals.updated, totals.unchanged], [20_002, 10_001, 10_001, 1]);
  });

  it('is sent while a batch is as good as full, and waits for more while it is not', async (context) => {
    const run = await RunDriver.start(await openStore(context));
    const keys = (from: number, count: number) => Array.from({ length: count }, (_, n) => changed(String(from + n)));
    assert.deepEqual((await run.stageFor([{ maxRecords: 10 }], keys(0, 8))).claimed, []);
    // What waits goes first.
    const { claimed, waited } = await run.stageFor([{ maxRecords: 10 }], keys(10, 9));
    assert.deepEqual([claimed, waited.map(keysOf)], [[], [['0', '1', '2', '3', '4', '5', '6', '7', '10', '11']]]);
    await run.writeAll();
    assert.deepEqual(batchesOf(await run.stageFor([{ maxRecords: 10 }], keys(20, 9))).flat().length, 9);
  });

  it('keeps back what the target has in flight, and a record that is on it twice', async (context) => {
    const run = await RunDriver.start(await openStore(context));
    await run.stage([changed('1', { match: 'same@x.test' })]);
    const first = await run.mustClaim();
    const { claimed } = await run.stageFor([{ maxRecords: 3 }], [changed('2', { match: 'same@x.test' }), changed('3'), changed('4')]);
    assert.deepEqual(claimed.map(keysOf), [['3', '4']]);
    assert.equal(await run.claim(), undefined);
    await run.settle(first, ({ id }) => written(id));
    assert.deepEqual(keysOf(await run.claim()), ['2']);
    const again = await run.stageFor([two], [changedTo('5', 'old'), changed('6'), changedTo('5', 'new'), changed('7')]);
    assert.deepEqual(again.claimed.map(keysOf), [['6', '7']]);
    assert.deepEqual(keysOf(await run.claim()), ['5']);
  });

  it('of more records than are written at once keeps each apart', async (context) => {
    const run = await RunDriver.start(await openStore(context));
    await run.stage([changed('a', { match: 'k7@x.test' }), changed('b', { match: 'k60@x.test' })]);
    const first = await run.mustClaim();
    const keys = Array.from({ length: 61 }, (_, n) => String(n));
    const { claimed, staged } = await run.stageFor(
      [{ maxRecords: 61 }],
      keys.map((key) => changed(key)),
    );
    assert.deepEqual([staged, claimed.map(keysOf)], [61, [keys.filter((key) => key !== '7' && key !== '60')]]);
    const [batch] = claimed;
    assert.ok(batch);
    const taken = await run.takeOver(batch.id, 'other');
    assert.deepEqual(taken.changes, batch.changes);
    await run.settle(taken, ({ id, key }) => written(id, { created: Number(key) % 2 === 0, targetId: `t${key}` }));
    await run.settle(first, ({ id }) => written(id));
    const rest = await run.mustClaim();
    assert.deepEqual(keysOf(rest), ['7', '60']);
    await run.settle(rest, ({ id, key }) => written(id, { created: true, targetId: `t${key}` }));
    const states = await run.ledger.readRecords(SCOPE, keys);
    assert.deepEqual(
      keys.map((key) => states.get(key)?.targetId),
      keys.map((key) => `t${key}`),
    );
    const totals = await run.ledger.deriveTotals(run.id);
    assert.deepEqual([totals.created, totals.updated, await run.liveTotals()], [32, 29, totals]);
  });

  it('leaves to a claim of its own what became of a record: told already, written by another record, waiting for a lost answer', async (context) => {
    const run = await RunDriver.start(await openStore(context));
    await run.stage([changed('1'), create('2')]);
    await run.writeAll();
    await run.stage([changed('3')]);
    await run.lose(await run.mustClaim());
    const next = await RunDriver.start(run.ledger, { id: 'r_2', now: 5_000 });
    const page = [changed('1'), create('9', 'k2@x.test'), changedTo('3', 'new'), create('8')];
    const { claimed } = await next.stageFor([{ maxRecords: 1 }], page, {});
    assert.deepEqual(claimed.map(keysOf), [['8']]);
    assert.equal((await next.ledger.readBacklog(next.id, 0)).planned, 3);
  });

  it('of a window of the past stands back behind what the live run has found since', async (context) => {
    const ledger = await openStore(context);
    const before = await RunDriver.start(ledger, { id: 'r_0' });
    await before.stage([changedTo('1', 'A'), changedTo('2', 'A')]);
    await before.writeAll();
    await before.end();
    const window = { from: '2026-01-01', to: '2026-01-02' };
    await ledger.requestRun({ id: 'r_w', scope: SCOPE, trigger: 'backfill', options: { window }, at: 5_000 });
    const run = await RunDriver.start(ledger, { id: 'r_w', now: 5_000, workflowId: 'backfill', trigger: 'backfill', window });
    const live = await RunDriver.start(ledger, { now: 6_000 });
    await live.stage([unchanged('1')]);
    const { waited } = await run.stageFor([{ maxRecords: 1 }, { maxRecords: 1 }], [changedTo('1', 'B'), changedTo('2', 'B')], { observedAt: 5_500 });
    assert.deepEqual(waited.map(keysOf), [['2']]);
  });
});
