import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Ledger } from '../../../ledger/ledger.ts';
import { changed, changedTo, keysOf, RunDriver, SCOPE, unchanged, written } from '../support/run-driver.ts';
import { closing, type OpenStore } from './open-store.ts';

const WINDOW = { from: '2026-01-01', to: '2026-01-02' };

async function startWindow(ledger: Ledger, id = 'r_w', now = 2_000): Promise<RunDriver> {
  await ledger.requestRun({ id, scope: SCOPE, trigger: 'backfill', options: { window: WINDOW }, at: now });
  return RunDriver.start(ledger, { id, now, workflowId: `backfill/${SCOPE}/${id}`, trigger: 'backfill', window: WINDOW });
}

export function windowsConformance(openStore: OpenStore): void {
  describe('runs of windows', () => {
    const open = closing(openStore);

    it('are open beside the live run and beside each other, and are told apart from it', async () => {
      const ledger = await open();
      await RunDriver.start(ledger);
      const first = await startWindow(ledger);
      await startWindow(ledger, 'r_x', 3_000);
      const idsOf = (runs: readonly { readonly id: string }[]) => runs.map(({ id }) => id);
      assert.deepEqual(idsOf(await ledger.listOpenWindows(SCOPE)), ['r_w', 'r_x']);
      assert.deepEqual(idsOf(await ledger.listRuns(SCOPE, 10, 'live')), ['r_1']);
      assert.equal((await ledger.listRuns(SCOPE, 10)).length, 3);
      await first.end();
      assert.deepEqual(idsOf(await ledger.listOpenWindows(SCOPE)), ['r_x']);
    });

    it('and the live run each keep books that close, whatever they see of the same records', async () => {
      const ledger = await open();
      const live = await RunDriver.start(ledger);
      const window = await startWindow(ledger);
      await live.stage([changed('1'), changed('2')]);
      await window.stage([changed('1'), changed('3')]);
      assert.equal((await live.stage([changed('1'), changed('2')])).seenAgain, 2);
      assert.equal((await window.stage([changed('3')])).seenAgain, 1);
      await live.writeAll();
      await window.writeAll();
      const ofWindow = await window.end();
      assert.deepEqual([ofWindow.read, ofWindow.written, ofWindow.unchanged], [2, 1, 1], 'what the live run has sent is not sent again');
      const ofLive = await live.end();
      assert.deepEqual([ofLive.read, ofLive.written], [2, 2]);
    });

    it('leave alone what the live run goes by until it ends; what else they saw is what the scope has seen', async () => {
      const ledger = await open();
      const before = await RunDriver.start(ledger, { id: 'r_0' });
      await before.stage([changed('1'), changed('2')]);
      await before.writeAll();
      await before.end();
      const live = await RunDriver.start(ledger, { now: 5_000 });
      await live.stage([unchanged('1')]);
      const window = await startWindow(ledger, 'r_w', 6_000);
      await window.stage([unchanged('1'), unchanged('2'), unchanged('3')]);
      await window.end();
      assert.deepEqual(await ledger.listRunKeys(SCOPE, 'r_w', 10), ['2', '3']);
      assert.equal((await live.end()).unchanged, 1);
    });

    it('write nothing that the live run has found out of date since', async () => {
      const ledger = await open();
      const before = await RunDriver.start(ledger, { id: 'r_0' });
      await before.stage([changedTo('1', 'A'), changedTo('2', 'A')]);
      await before.writeAll();
      await before.end();
      const window = await startWindow(ledger, 'r_w', 5_000);
      await window.stage([changedTo('1', 'B'), changedTo('2', 'B')]);
      const live = await RunDriver.start(ledger, { now: 6_000 });
      await live.stage([unchanged('1')]);
      const batch = await window.mustClaim();
      assert.deepEqual(keysOf(batch), ['2']);
      await window.settle(batch, ({ id }) => written(id));
      const totals = await window.end();
      assert.deepEqual([totals.superseded, totals.written], [1, 1]);
    });

    it('that died leave their work to the live run', async () => {
      const ledger = await open();
      const window = await startWindow(ledger);
      await window.stage([changed('1'), changed('2')]);
      const sent = await window.mustClaim({ maxRecords: 1 });
      await window.lose(sent);
      const live = await RunDriver.start(ledger, { now: 5_000 });
      await ledger.closeRun('r_w', { state: 'abandoned', totals: await ledger.deriveTotals('r_w'), at: 5_500 });
      const [left] = await ledger.listUnresolved('r_1', 0, []);
      assert.equal(left?.id, sent.id);
      const taken = await live.takeOver(sent.id, 'again');
      await live.settle(taken, ({ id }) => ({ changeId: id, outcome: 'again' }));
      assert.deepEqual(keysOf(await live.claim()), keysOf(taken));
    });
  });
}
