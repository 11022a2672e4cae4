import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { attempt, changed, NEVER, RunDriver, rejected, unchanged, written } from '../support/run-driver.ts';
import { closing, type OpenStore } from './open-store.ts';

export function timelinesConformance(openStore: OpenStore): void {
  describe('how a run went in time', () => {
    const open = closing(openStore);
    const CUT = { from: 1_000, stepMs: 10, slowest: 2 };

    it('has what was read, settled and sent by slot, the slowest requests and the segments', async () => {
      const ledger = await open();
      const run = await RunDriver.start(ledger);
      run.now = 1_010;
      await run.stage([changed('1'), changed('2'), changed('3'), unchanged('4'), rejected('5')]);
      const first = await run.mustClaim({ maxRecords: 2 });
      run.now = 1_030;
      const sent = [attempt({ sentAt: 1_012, answeredAt: 1_020, status: 429 }), attempt({ sentAt: 1_021, answeredAt: 1_028, status: 201 })];
      await run.settle(first, ({ id, key }) => written(id, { created: key === '1', targetId: `t${id}` }), sent);
      const second = await run.mustClaim();
      await run.settle(second, ({ id }) => ({ changeId: id, outcome: 'rejected', rejection: NEVER }), [
        attempt({ sentAt: 1_022, answeredAt: 1_029, status: 201 }),
        { sentAt: 1_033, method: 'POST', path: '/contacts', failure: 'connection reset' },
      ]);
      await run.close();
      const timeline = await ledger.readTimeline(run.id, CUT);
      assert.deepEqual(timeline.read, [{ slot: 1, records: 5 }]);
      assert.deepEqual(timeline.settled, [
        { slot: 1, outcome: 'rejected', records: 1 },
        { slot: 1, outcome: 'unchanged', records: 1 },
        { slot: 3, outcome: 'created', records: 1 },
        { slot: 3, outcome: 'rejected', records: 1 },
        { slot: 3, outcome: 'updated', records: 1 },
      ]);
      assert.deepEqual(timeline.requests, [
        { slot: 1, status: 429, durationMs: 8, requests: 1 },
        { slot: 2, status: 201, durationMs: 7, requests: 2 },
        { slot: 3, requests: 1 },
      ]);
      assert.deepEqual(timeline.slowest, [
        { sentAt: 1_012, durationMs: 8, status: 429, method: 'POST', path: '/contacts/batch', kind: 'upsert', segment: 0, records: 2 },
        { sentAt: 1_021, durationMs: 7, status: 201, method: 'POST', path: '/contacts/batch', kind: 'upsert', segment: 0, records: 2 },
      ]);
      const [segment] = timeline.segments;
      assert.deepEqual(timeline.segments, [
        {
          index: 0,
          state: 'complete',
          isSweep: false,
          openedAt: segment?.openedAt,
          pages: 1,
          records: 5,
          readUntil: 1_011,
          sentFrom: 1_012,
          answeredUntil: 1_033,
        },
      ]);
    });

    it('keeps of an earlier run what it changed, and not what another run has met since', async () => {
      const ledger = await open();
      const first = await RunDriver.start(ledger);
      await first.stage([changed('1'), unchanged('2')]);
      await first.writeAll();
      await first.close();
      await first.end();
      const second = await RunDriver.start(ledger, { id: 'r_2', now: 2_000 });
      await second.stage([unchanged('1'), unchanged('2')]);
      const cut = { ...CUT, stepMs: 1_000 };
      assert.deepEqual((await ledger.readTimeline('r_1', cut)).read, [{ slot: 0, records: 1 }]);
      assert.deepEqual((await ledger.readTimeline('r_1', cut)).settled, [{ slot: 0, outcome: 'created', records: 1 }]);
      assert.deepEqual((await ledger.readTimeline('r_2', cut)).settled, [{ slot: 1, outcome: 'unchanged', records: 2 }]);
    });

    it('has when what a writer left behind was taken over', async () => {
      const ledger = await open();
      const run = await RunDriver.start(ledger);
      await run.stage([changed('1')]);
      const batch = await run.mustClaim();
      assert.deepEqual((await ledger.readTimeline(run.id, CUT)).takenOver, []);
      await run.takeOver(batch.id, 'young again', batch.token, { isRenewal: true });
      assert.deepEqual((await ledger.readTimeline(run.id, CUT)).takenOver, []);
      run.now = 1_040;
      await run.takeOver(batch.id, 'another');
      await run.takeOver(batch.id, 'young again', 'another', { isRenewal: true });
      assert.deepEqual((await ledger.readTimeline(run.id, CUT)).takenOver, [{ slot: 4, batches: 1 }]);
    });

    it('of a run that nobody knows is empty', async () => {
      const ledger = await open();
      assert.deepEqual(await ledger.readTimeline('r_none', CUT), { read: [], settled: [], requests: [], takenOver: [], slowest: [], segments: [] });
    });
  });
}
