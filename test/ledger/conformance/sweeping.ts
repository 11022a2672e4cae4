import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Ledger } from '../../../ledger/ledger.ts';
import { changed, changedTo, NO_COST, RunDriver, skipped, TARGET, TERMS, unchanged, written } from '../support/run-driver.ts';
import { closing, type OpenStore } from './open-store.ts';

export function sweepingConformance(openStore: OpenStore): void {
  describe('what the source no longer has', () => {
    const open = closing(openStore);

    /** Four records that the sync created and one that it found, told of by a first run; and the run after it. */
    async function second(values?: 'plain' | 'encrypted' | 'hashed') {
      const ledger = await open(values);
      const first = await RunDriver.start(ledger);
      await first.stage(['1', '2', '3', '4', '5'].map((key) => changed(key)));
      await first.settle(await first.mustClaim(), ({ id, key }) => written(id, { created: key !== '5', targetId: `t${key}` }));
      await first.close();
      await first.end();
      return RunDriver.start(ledger, { id: 'r_2', now: first.now + 100 });
    }

    const begin = (run: RunDriver, more: Partial<Parameters<Ledger['beginSweep']>[0]> = {}) =>
      run.ledger.beginSweep({ runId: run.id, isComplete: true, scope: 'created', canConfirm: true, ...more });
    const dueOf = async (run: RunDriver) => (await run.ledger.listDue(run.id, { limit: 9 })).map(({ key }) => key);
    const stage = (run: RunDriver, archive?: { readonly stage: string }) =>
      run.ledger.stageDeletes({ runId: run.id, targetScope: TARGET, archive, isSealed: false, at: run.tick() });

    it('is what a complete read did not meet and the sync created; others are extra', async () => {
      const run = await second();
      await run.stage([unchanged('1'), unchanged('2')]);
      await run.close();
      const sweep = await begin(run);
      assert.deepEqual([sweep.known, sweep.due, sweep.extra], [5, 0, 1]);
      assert.deepEqual(await run.ledger.listUnconfirmed(run.id, 9), ['3', '4']);
      const confirmed = await run.ledger.confirmMissing(run.id, [
        { key: '3', isGone: true },
        { key: '4', isGone: false },
      ]);
      assert.equal(confirmed.due, 1);
      assert.deepEqual(await run.ledger.listDue(run.id, { limit: 9 }), [{ key: '3', targetId: 't3', match: 'k3@x.test' }]);
      assert.deepEqual(await begin(run, { scope: 'linked' }), confirmed, 'the first call wins');
    });

    it('with scope linked takes what the sync found, too', async () => {
      const run = await second();
      await run.stage(['1', '2', '3', '4'].map((key) => unchanged(key)));
      await begin(run, { scope: 'linked' });
      assert.deepEqual(await run.ledger.listUnconfirmed(run.id, 9), ['5']);
    });

    it('that can be asked for nowhere is due when two complete reads have missed it', async () => {
      const run = await second();
      await run.stage(['1', '2', '3', '5'].map((key) => unchanged(key)));
      await run.close();
      const sweep = await begin(run, { canConfirm: false });
      assert.deepEqual([sweep.due, sweep.unconfirmed], [0, 1]);
      await run.end();
      const third = await RunDriver.start(run.ledger, { id: 'r_3', now: run.now + 100 });
      await third.stage(['1', '2', '5'].map((key) => unchanged(key)));
      await third.close();
      const again = await begin(third, { canConfirm: false });
      assert.deepEqual([again.due, again.unconfirmed], [1, 1]);
      assert.deepEqual(await dueOf(third), ['4']);
    });

    it('that the source tells of is asked for once more, where it can be', async () => {
      const run = await second();
      await run.stage([{ disposition: 'skipped', key: '2', reason: 'gone' }]);
      const sweep = await begin(run, { isComplete: false });
      assert.deepEqual([sweep.due, await run.ledger.listUnconfirmed(run.id, 9)], [0, ['2']]);
      const other = await second();
      await other.stage([{ disposition: 'skipped', key: '2', reason: 'gone' }]);
      await begin(other, { isComplete: false, canConfirm: false });
      assert.deepEqual(await dueOf(other), ['2']);
    });

    it('in a part of the source is only what was met and left out', async () => {
      const run = await second();
      await run.stage([skipped('2')]);
      await begin(run, { isComplete: false });
      assert.deepEqual(await dueOf(run), ['2']);
    });

    it('is deleted by the write protocol, with a sum of its own; what returns is a new one', async () => {
      const run = await second();
      await run.stage([skipped('2'), skipped('3'), ...['1', '4', '5'].map((key) => unchanged(key))], { isLast: true });
      await run.close();
      await begin(run);
      const segment = await stage(run);
      assert.equal(await stage(run), segment, 'staged once');
      const batch = await run.mustClaim({ segment });
      assert.deepEqual(
        batch.changes.map(({ key, kind, targetId, match }) => [key, kind, targetId, match]),
        [
          ['2', 'delete', 't2', 'k2@x.test'],
          ['3', 'delete', 't3', 'k3@x.test'],
        ],
      );
      await run.settle(batch, ({ id, key }) =>
        key === '2' ? written(id) : { changeId: id, outcome: 'rejected', rejection: { reason: 'api-rejected', message: 'is in use', retry: 'never' } },
      );
      const totals = await run.end();
      assert.deepEqual([totals.deletesDue, totals.deleted, totals.deletesRejected, totals.deletesHeld], [2, 1, 1, 0]);
      assert.deepEqual([totals.read, totals.skipped, totals.unchanged, totals.written], [5, 2, 3, 0]);
      const [gone, kept] = [await run.state('2'), await run.state('3')];
      assert.deepEqual([gone?.contentHash, gone?.targetId, kept?.targetId], [undefined, undefined, 't3']);
      const third = await RunDriver.start(run.ledger, { id: 'r_3', now: run.now + 100 });
      await third.stage([changed('2', { kind: 'create' })]);
      assert.equal((await third.mustClaim()).changes[0]?.kind, 'create');
    });

    it('is archived by an update, once, and told anew when it returns', async () => {
      const run = await second('encrypted');
      await run.stage([skipped('2'), ...['1', '3', '4', '5'].map((key) => unchanged(key))], { isLast: true });
      await run.close();
      await begin(run);
      const batch = await run.mustClaim({ segment: await stage(run, { stage: 'other' }) });
      assert.deepEqual([batch.kind, batch.changes[0]?.fields, batch.changes[0]?.targetId], ['update', { stage: 'other' }, 't2']);
      await run.settle(batch, ({ id }) => written(id));
      assert.equal((await run.end()).deleted, 1);
      const third = await RunDriver.start(run.ledger, { id: 'r_3', now: run.now + 100 });
      await third.stage([skipped('2')]);
      assert.equal((await begin(third, { isComplete: false })).due, 0, 'archived already');
      await third.stage([changedTo('2', 'back')]);
      assert.equal((await third.mustClaim()).changes[0]?.targetId, 't2');
    });

    it('and waits for an answer that was lost, or for a person, is held', async () => {
      const run = await second();
      await run.stage([skipped('2'), skipped('3'), ...['1', '4', '5'].map((key) => unchanged(key))], { isLast: true });
      await run.close();
      await begin(run);
      await run.ledger.noteSweep(run.id, { state: 'denied' });
      const totals = await run.end();
      assert.deepEqual([totals.deletesDue, totals.deletesHeld], [2, 2]);
      assert.equal((await run.ledger.readRun(run.id))?.sweep?.state, 'denied');
      const third = await RunDriver.start(run.ledger, { id: 'r_3', now: run.now + 100 });
      await third.stage([skipped('2'), ...['1', '3', '4', '5'].map((key) => unchanged(key))], { isLast: true });
      await third.close();
      await begin(third);
      await third.lose(await third.mustClaim({ segment: await stage(third) }));
      assert.equal((await third.end()).deletesHeld, 1);
      const fourth = await RunDriver.start(run.ledger, { id: 'r_4', now: third.now + 100 });
      const [lost] = await fourth.ledger.listUnresolved('r_4', 0, []);
      assert.ok(lost !== undefined);
      const again = await fourth.takeOver(lost.id, 'next', lost.token);
      assert.equal(again.kind, 'delete');
      await fourth.ledger.settleBatch({
        batchId: again.id,
        token: again.token,
        outcomes: again.changes.map(({ id }) => written(id)),
        terms: TERMS,
        attempts: [],
        cost: NO_COST,
        at: fourth.tick(),
      });
      assert.equal((await fourth.state('2'))?.contentHash, undefined);
      assert.equal((await fourth.liveTotals()).written, 0);
    });

    it('after a long wait is asked for anew, but for what the run itself has met', async () => {
      const run = await second();
      await run.stage([skipped('2'), ...['1', '4', '5'].map((key) => unchanged(key))]);
      await begin(run);
      await run.ledger.confirmMissing(run.id, [{ key: '3', isGone: true }]);
      assert.deepEqual(await dueOf(run), ['2', '3']);
      await run.ledger.doubtMissing(run.id);
      assert.deepEqual([await dueOf(run), await run.ledger.listUnconfirmed(run.id, 9)], [['2'], ['3']]);
    });
  });
}
