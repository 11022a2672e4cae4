import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { changed, RunDriver, skipped, TARGET, unchanged, written } from '../support/run-driver.ts';
import { closing, type OpenStore } from './open-store.ts';

export function planningConformance(openStore: OpenStore): void {
  describe('the plan of a run', () => {
    const open = closing(openStore);

    async function planned(ledger: Awaited<ReturnType<typeof open>>, id: string, records: Parameters<typeof ledger.addPlanned>[1]): Promise<RunDriver> {
      const run = new RunDriver(ledger, { id, now: id === 'r_1' ? 1_000 : 2_000 });
      await ledger.requestRun({ id, scope: run.scope, trigger: 'plan', options: { plan: {} }, at: run.tick() });
      await ledger.addPlanned(id, records);
      await run.open();
      await run.openSegment(0);
      return run;
    }

    it('is kept as it was given, once for each key', async () => {
      const ledger = await open();
      const one = { key: '1', action: 'update', contentHash: 'a', shownHash: 's' } as const;
      const run = await planned(ledger, 'r_1', [one, { key: '2', action: 'delete', contentHash: 'deleted' }]);
      await ledger.addPlanned(run.id, [{ ...one, contentHash: 'b' }]);
      assert.deepEqual(await ledger.listPlannedKeys(run.id, 9), ['1', '2']);
      assert.deepEqual(await ledger.listPlannedKeys(run.id, 1), ['1']);
      const found = await ledger.readPlanned(run.id, ['1', '2', '3']);
      assert.deepEqual(Object.fromEntries(found), {
        1: { action: 'update', contentHash: 'a', shownHash: 's' },
        2: { action: 'delete', contentHash: 'deleted' },
      });
      assert.deepEqual((await ledger.readPlanned('r_2', ['1'])).size, 0, 'of this run alone');
      assert.deepEqual((await ledger.readRun(run.id))?.options, { plan: {} });
    });

    it('ends with what was done, and what was found instead', async () => {
      const ledger = await open();
      const keys = ['1', '2', '3', '4', '5'];
      const run = await planned(
        ledger,
        'r_1',
        keys.map((key) => ({ key, action: 'create', contentHash: key })),
      );
      await run.stage([changed('1'), changed('2'), { disposition: 'skipped', key: '3', reason: 'moved-in-source' }, unchanged('4')]);
      await run.settle(await run.mustClaim(), ({ id, key }) =>
        key === '1' ? written(id, { created: true, targetId: 't1' }) : { changeId: id, outcome: 'skipped', reason: 'moved-in-target' },
      );
      await run.close();
      await run.end();
      assert.deepEqual(await ledger.readEnds(run.id), [
        { found: 'done', count: 1, sampleKeys: ['1'] },
        { found: 'moved-in-source', count: 1, sampleKeys: ['3'] },
        { found: 'moved-in-target', count: 1, sampleKeys: ['2'] },
        { found: 'not-met', count: 1, sampleKeys: ['5'] },
        { found: 'unchanged', count: 1, sampleKeys: ['4'] },
      ]);
    });

    it('without one: the ends of all that it met', async () => {
      const ledger = await open();
      const run = await RunDriver.start(ledger);
      await run.stage([changed('1'), changed('2'), unchanged('3'), skipped('4')]);
      await run.settle(await run.mustClaim(), ({ id, key }) =>
        key === '1' ? { changeId: id, outcome: 'unchanged', targetId: 't1' } : { changeId: id, outcome: 'skipped', reason: 'differs', targetId: 't2' },
      );
      assert.deepEqual(await ledger.readEnds(run.id), [
        { found: 'differs', count: 1, sampleKeys: ['2'] },
        { found: 'equal', count: 1, sampleKeys: ['1'] },
        { found: 'filter', count: 1, sampleKeys: ['4'] },
        { found: 'unchanged', count: 1, sampleKeys: ['3'] },
      ]);
    });

    it('says what is taken away: nothing else is, however it was missed', async () => {
      const ledger = await open();
      const first = await RunDriver.start(ledger);
      await first.stage(['1', '2', '3'].map((key) => changed(key)));
      await first.writeAll();
      await first.close();
      await first.end();
      const run = await planned(ledger, 'r_2', [{ key: '2', action: 'delete', contentHash: 'deleted' }]);
      await run.stage([], { isLast: true });
      await run.close();
      const sweep = await ledger.beginSweep({ runId: run.id, isComplete: true, scope: 'created', canConfirm: true });
      assert.equal(sweep.extra, 0);
      assert.deepEqual(await ledger.listUnconfirmed(run.id, 9), ['2']);
      await ledger.confirmMissing(run.id, [{ key: '2', isGone: true }]);
      const segment = await ledger.stageDeletes({ runId: run.id, targetScope: TARGET, isSealed: false, at: run.tick() });
      await run.settle(await run.mustClaim({ segment }), ({ id }) => written(id));
      assert.deepEqual(await ledger.readEnds(run.id), [{ found: 'done', count: 1, sampleKeys: ['2'] }]);
    });
  });
}
