import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Ledger } from '../../../ledger/ledger.ts';
import { changed, changedTo, keysOf, NEVER, RunDriver, SCOPE, unchanged, written } from '../support/run-driver.ts';
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

    it('write nothing that is older than what the live run was about to send, and found the target told of already', async () => {
      const ledger = await open();
      const early = await startWindow(ledger, 'r_e', 5_000);
      await early.stage([changedTo('1', 'A')]);
      const window = await startWindow(ledger, 'r_w', 6_000);
      await window.stage([changedTo('1', 'B')]);
      const live = await RunDriver.start(ledger, { now: 7_000 });
      await live.stage([changedTo('1', 'A')]);
      await early.writeAll();
      assert.equal(await live.claim(), undefined, 'as it was told');
      assert.equal(await window.claim(), undefined, 'it was so again since');
      assert.equal((await window.end()).superseded, 1);
      assert.equal((await live.end()).unchanged, 1);
    });

    /** The answer to what a window had sent was lost, and the window has ended. */
    async function lostInWindow() {
      const ledger = await open();
      const window = await startWindow(ledger);
      await window.stage([changed('1', { kind: 'create' })]);
      const lost = await window.mustClaim();
      await window.lose(lost);
      await window.end('failed');
      const live = await RunDriver.start(ledger, { now: 5_000 });
      return { live, taken: await live.takeOver(lost.id, 'again') };
    }
    const listed = async ({ ledger }: RunDriver) => (await ledger.listRejected(SCOPE, { limit: 9 })).map(({ key }) => key);

    it('that ended with lost answers: what was written counts as written', async () => {
      const { live, taken } = await lostInWindow();
      await live.settle(taken, ({ id }) => written(id, { created: true, targetId: 't1' }));
      assert.deepEqual([(await live.state('1'))?.lastOutcome, await listed(live)], ['written', []]);
    });

    it('that ended with lost answers: what was refused is listed with its words, and its source', async () => {
      const { live, taken } = await lostInWindow();
      await live.settle(taken, ({ id }) => ({ changeId: id, outcome: 'rejected', rejection: { ...NEVER, retry: 'later' } }));
      assert.equal((await live.state('1'))?.lastOutcome, 'rejected');
      assert.deepEqual(await live.ledger.listRejected(SCOPE, { limit: 9 }), [{ key: '1', source: { email_address: 'k1@x.test' } }]);
    });

    it('that ended with lost answers: what a person finds not written is due, with its source', async () => {
      const { live, taken } = await lostInWindow();
      await live.settle(taken, ({ id }) => ({ changeId: id, outcome: 'held', reason: 'unknown', message: 'look there' }));
      assert.deepEqual(await listed(live), []);
      assert.equal(await live.ledger.resolveUnknown(SCOPE, '1', { as: 'not-written' }, 9_000), true);
      const due = await live.ledger.listRejected(SCOPE, { limit: 9, due: { at: 9_000, mappingHash: 'mapping' } });
      assert.deepEqual(due, [{ key: '1', source: { email_address: 'k1@x.test' } }]);
    });

    const blocking = async ({ ledger, id }: RunDriver, segment: number) => (await ledger.listBlocking(id, segment)).map((batch) => batch.id);

    it('that ended block the live run in any segment only until it has looked into their lost writes', async () => {
      const ledger = await open();
      const live = await RunDriver.start(ledger);
      await live.close(0, false);
      const window = await startWindow(ledger);
      await window.stage([changed('1'), changed('2', { match: 'old@x.test' }), changed('3')]);
      const lost = await window.mustClaim();
      await live.openSegment(1);
      await live.stage([changedTo('1', 'newer'), changed('2', { match: 'new@x.test' })], { segment: 1, observedAt: 9_000 });
      await window.lose(lost);
      await window.end('failed');
      assert.equal(await live.claim({ segment: 1 }), undefined);
      assert.deepEqual(await blocking(live, 1), [lost.id]);
      await live.settle(await live.takeOver(lost.id, 'by the live one'), ({ id }) => written(id, { created: true }));
      assert.deepEqual([await blocking(live, 1), keysOf(await live.claim({ segment: 1 }))], [[], ['1', '2']]);
    });

    it('that are paused, or dead, hold no record of the live run for ever: also one whose match value has changed', async () => {
      const ledger = await open();
      const live = await RunDriver.start(ledger);
      const window = await startWindow(ledger);
      await window.stage([changed('1', { match: 'old@x.test' })]);
      const lost = await window.mustClaim();
      await live.stage([changed('1', { match: 'new@x.test' })]);
      await window.lose(lost);
      await ledger.adjustRun(window.id, { paused: true });
      assert.deepEqual(await blocking(live, 0), [lost.id]);
      assert.deepEqual(await blocking(window, 0), [], 'its own are no others');
    });

    /** A live run whose first segment is drained; and what a window has lost that was open beside it, taken over by whoever waits for it. */
    async function lostBesides() {
      const ledger = await open();
      const live = await RunDriver.start(ledger);
      await live.stage([changed('9')]);
      await live.writeAll();
      await live.close(0, false);
      const window = await startWindow(ledger);
      await window.stage([changed('1')]);
      const lost = await window.mustClaim();
      await window.lose(lost);
      await window.end('failed');
      const giveBack = async () => {
        const taken = await window.takeOver(lost.id, 'by another');
        await window.settle(taken, ({ id }) => ({ changeId: id, outcome: 'again' }));
      };
      return { ledger, live, giveBack };
    }
    const due = async (ledger: Ledger) => ledger.listRejected(SCOPE, { limit: 9, due: { at: 9_000, mappingHash: 'mapping' } });
    const DUE = [{ key: '1', source: { email_address: 'k1@x.test' } }];

    it('that ended: what was surely not applied goes on in a segment that is still written', async () => {
      const { ledger, live, giveBack } = await lostBesides();
      await live.openSegment(1);
      await giveBack();
      assert.deepEqual([(await ledger.readBacklog(live.id, 0)).planned, (await ledger.readBacklog(live.id, 1)).planned], [0, 1]);
      await live.settle(await live.mustClaim({ segment: 1 }), ({ id }) => written(id, { created: true }));
      await live.close(1);
      const totals = await live.end();
      assert.deepEqual([totals.read, totals.retriedFromEarlier, totals.written], [1, 1, 2]);
      assert.deepEqual(await due(ledger), []);
    });

    it('that ended: what was surely not applied is due, with its source, where no segment is written any more, or no run is alive', async () => {
      for (const isAlive of [true, false]) {
        const { ledger, live, giveBack } = await lostBesides();
        if (!isAlive) await live.end();
        await giveBack();
        if (isAlive) {
          const totals = await live.end();
          assert.deepEqual([totals.read, totals.retriedFromEarlier, totals.written, totals.held], [1, 0, 1, 0], 'the books close');
        }
        assert.deepEqual([await due(ledger), (await live.state('1'))?.hasUnknown], [DUE, false]);
      }
    });

    it('that ended: what was surely not applied is due where the run that went on with it has ended, too, before it was sent', async () => {
      for (const isSentOnce of [false, true]) {
        const { ledger, live, giveBack } = await lostBesides();
        await live.openSegment(1);
        await giveBack();
        if (isSentOnce) await live.settle(await live.mustClaim({ segment: 1 }), ({ id }) => ({ changeId: id, outcome: 'again' }));
        await live.end('failed');
        assert.deepEqual(await due(ledger), DUE);
      }
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
