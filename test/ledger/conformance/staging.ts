import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { changed, changedTo, held, keysOf, NEVER, RunDriver, rejected, skipped, unchanged, written } from '../support/run-driver.ts';
import { closing, type OpenStore } from './open-store.ts';

export function stagingConformance(openStore: OpenStore): void {
  describe('staging', () => {
    const open = closing(openStore);

    it('commits records, cursor and counters together', async () => {
      const run = await RunDriver.start(await open());
      const cost = { requests: 2, retries: 1, throttled: 1 };
      const page = await run.stage([changed('1'), unchanged('2'), skipped('3'), rejected('4'), held('5')], { cost, nextCursor: 3, isLast: true });
      assert.deepEqual(page, { staged: 1, seenAgain: 0 });
      const totals = await run.liveTotals();
      assert.deepEqual([totals.read, totals.unchanged, totals.skipped, totals.rejected, totals.held, totals.written], [5, 1, 1, 1, 1, 0]);
      assert.deepEqual([totals.requests, totals.retries, totals.throttled, totals.pages, totals.segments], [2, 1, 1, 1, 1]);
      assert.deepEqual([(await run.ledger.readSegment('r_1', 0))?.cursor, (await run.ledger.readSegment('r_1', 0))?.isLast], [3, true]);
    });

    it('of a key met again with the same content stages nothing', async () => {
      const run = await RunDriver.start(await open());
      await run.stage([changed('1')]);
      assert.deepEqual(await run.stage([changed('1')]), { staged: 0, seenAgain: 1 });
      assert.deepEqual(await run.stage([changed('2'), changed('2')]), { staged: 1, seenAgain: 1 });
      const batch = await run.mustClaim();
      assert.deepEqual(keysOf(batch), ['1', '2']);
      assert.deepEqual(await run.stage([changed('1')]), { staged: 0, seenAgain: 1 });
      await run.settle(batch, ({ id }) => written(id));
      assert.deepEqual(await run.stage([changed('1')]), { staged: 0, seenAgain: 1 });
      assert.deepEqual([(await run.liveTotals()).read, (await run.liveTotals()).seenAgain], [2, 4]);
      assert.equal(await run.claim(), undefined);
    });

    it('of newer content replaces a planned change', async () => {
      const run = await RunDriver.start(await open());
      await run.stage([changedTo('1', 'old')]);
      assert.deepEqual(await run.stage([changedTo('1', 'new')]), { staged: 1, seenAgain: 1 });
      const batch = await run.mustClaim();
      assert.deepEqual(
        batch.changes.map((one) => one.fields['name']),
        ['new'],
      );
    });

    it('of an older page, read side by side with a newer one, replaces nothing', async () => {
      const run = await RunDriver.start(await open());
      await run.stage([changedTo('1', 'new'), changedTo('2', 'new'), changedTo('3', 'new')], { observedAt: 2_000 });
      assert.deepEqual(await run.stage([changedTo('1', 'old'), unchanged('2')], { observedAt: 1_999 }), { staged: 0, seenAgain: 2 });
      await run.stage([changedTo('3', 'newest')], { observedAt: 2_001 });
      const batch = await run.mustClaim();
      assert.deepEqual(
        batch.changes.map((one) => one.fields['name']),
        ['new', 'new', 'newest'],
      );
    });

    it('of an older version replaces nothing, whenever it was read', async () => {
      const run = await RunDriver.start(await open());
      const at = (name: string, sourceVersion: string) => {
        const record = changedTo('1', name);
        return record.disposition === 'change' ? { ...record, change: { ...record.change, sourceVersion } } : record;
      };
      await run.stage([at('new', '2026-01-01T10:00:00Z')]);
      assert.deepEqual(await run.stage([at('old', '2026-01-01T11:59:00+02:00')]), { staged: 0, seenAgain: 1 });
      const batch = await run.mustClaim();
      assert.equal(batch.changes[0]?.fields['name'], 'new');
    });

    it('of newer content goes behind a change that is being sent, and is sent after it', async () => {
      const run = await RunDriver.start(await open());
      await run.stage([changedTo('1', 'old')]);
      const first = await run.mustClaim();
      await run.stage([changedTo('1', 'new')]);
      assert.equal(await run.claim(), undefined);
      assert.equal((await run.ledger.readBacklog('r_1', 0)).planned, 1);
      await run.settle(first, ({ id }) => written(id, { targetId: 't1' }));
      const second = await run.mustClaim();
      assert.deepEqual([second.changes[0]?.fields['name'], second.changes[0]?.targetId], ['new', 't1']);
      await run.settle(second, ({ id }) => written(id));
      await run.close();
      const totals = await run.ledger.deriveTotals('r_1');
      assert.deepEqual([totals.read, totals.seenAgain, totals.written], [1, 1, 1]);
      assert.deepEqual((await run.state('1'))?.fields, { email: 'k1@x.test', name: 'new' });
      assert.deepEqual(await run.liveTotals(), totals);
    });

    it('of content that the target has again takes back a planned change', async () => {
      const run = await RunDriver.start(await open());
      await run.stage([changed('1')]);
      await run.stage([unchanged('1')]);
      assert.equal(await run.claim(), undefined);
      assert.deepEqual([(await run.liveTotals()).read, (await run.liveTotals()).unchanged], [1, 1]);
    });

    it('lets the last word of a run on a key count, once', async () => {
      const run = await RunDriver.start(await open());
      await run.stage([unchanged('1'), skipped('2'), rejected('3'), changed('4'), changed('5')]);
      const batch = await run.mustClaim();
      await run.settle(batch, ({ id, key }) => (key === '4' ? { changeId: id, outcome: 'rejected', rejection: NEVER } : written(id, { created: true })));
      await run.stage([skipped('1'), rejected('2'), changed('3'), unchanged('4'), changedTo('5', 'new')]);
      await run.settle(await run.mustClaim(), ({ id }) => written(id, { created: false }));
      const totals = await run.ledger.deriveTotals('r_1');
      assert.deepEqual(
        [totals.read, totals.seenAgain, totals.skipped, totals.rejected, totals.unchanged, totals.written, totals.created, totals.updated],
        [5, 5, 1, 1, 1, 2, 0, 2],
      );
      assert.deepEqual(await run.liveTotals(), totals);
    });

    it('takes a key of an earlier run as read anew', async () => {
      const ledger = await open();
      const first = await RunDriver.start(ledger);
      await first.stage([changed('1'), changed('2')]);
      await first.writeAll();
      await first.end();
      const second = await RunDriver.start(ledger, { id: 'r_2', now: 5_000 });
      assert.deepEqual(await second.stage([unchanged('1'), changedTo('2', 'new')]), { staged: 1, seenAgain: 0 });
      await second.writeAll();
      const totals = await second.end();
      assert.deepEqual([totals.read, totals.unchanged, totals.written], [2, 1, 1]);
      assert.equal((await first.liveTotals()).written, 2);
      assert.equal((await ledger.deriveTotals('r_1')).written, 2);
      assert.deepEqual(await ledger.listRunKeys(first.scope, 'r_2', 10), ['1', '2']);
      assert.deepEqual(await ledger.listRunKeys(first.scope, 'r_1', 10), []);
    });

    it('stages 2,500 records of one page as it stages one', async () => {
      const run = await RunDriver.start(await open());
      const records = Array.from({ length: 2_500 }, (_, n) => changed(String(n)));
      assert.deepEqual(await run.stage(records), { staged: 2_500, seenAgain: 0 });
      assert.equal((await run.ledger.readBacklog('r_1', 0)).planned, 2_500);
    });
  });
}
