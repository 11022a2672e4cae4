import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { BatchJob } from '../../../ledger/ledger.ts';
import { attempt, changed, keysOf, NO_COST, RunDriver, withCode, written } from '../support/run-driver.ts';
import { closing, type OpenStore } from './open-store.ts';

const OPEN: BatchJob = { id: '750x', state: 'open', dueAt: 5_000 };
const BEGUN: BatchJob = { id: '750x', state: 'begun', dueAt: 9_000 };

export function jobsConformance(openStore: OpenStore): void {
  describe('jobs', () => {
    const open = closing(openStore);
    const note = (run: RunDriver, batch: { readonly id: string; readonly token: string }, job: BatchJob) =>
      run.ledger.noteJob({
        batchId: batch.id,
        token: batch.token,
        job,
        attempts: [attempt({ path: '/jobs' })],
        cost: { ...NO_COST, requests: 1 },
        at: run.tick(),
      });

    it('are listed with the batch that they write, as noted last, and had by who takes it over', async () => {
      const run = await RunDriver.start(await open());
      await run.stage([changed('1'), changed('2')]);
      const batch = await run.mustClaim();
      assert.equal(batch.job, undefined);
      await note(run, batch, OPEN);
      const [listed] = await run.ledger.listUnresolved('r_1', 0, []);
      assert.deepEqual([listed?.job, listed?.state, listed?.size], [OPEN, 'sending', 2]);
      // Between the list and the take-over its holder has gone on.
      await note(run, batch, BEGUN);
      const taken = await run.takeOver(batch.id, 'second', batch.token);
      assert.deepEqual([taken.job, keysOf(taken), taken.attempts], [BEGUN, ['1', '2'], 2]);
      assert.equal((await run.ledger.readRun('r_1'))?.totals.requests, 2);
    });

    it('are noted by the holder of the batch alone', async () => {
      const run = await RunDriver.start(await open());
      await run.stage([changed('1')]);
      const batch = await run.mustClaim();
      await note(run, batch, OPEN);
      await run.takeOver(batch.id, 'second');
      await assert.rejects(note(run, batch, BEGUN), withCode('CLAIM_LOST'));
      assert.deepEqual((await run.ledger.listUnresolved('r_1', 0, []))[0]?.job, OPEN);
    });

    it('stay with what an answer did not mention, and with what a run leaves behind', async () => {
      const run = await RunDriver.start(await open());
      await run.stage([changed('1'), changed('2')]);
      const batch = await run.mustClaim();
      await note(run, batch, BEGUN);
      await run.settle(batch, ({ id, key }) => (key === '1' ? written(id) : undefined));
      await run.end();
      const next = await RunDriver.start(run.ledger, { id: 'r_2', now: 20_000 });
      const [left] = await next.ledger.listUnresolved('r_2', 0, []);
      assert.deepEqual([left?.job, left?.state, left?.size], [BEGUN, 'unknown', 1]);
    });

    it('take more records in one batch than a request does', async () => {
      const run = await RunDriver.start(await open());
      await run.stage(Array.from({ length: 2_300 }, (_, n) => changed(String(n))));
      const claimed = await run.mustClaim({ maxRecords: 2_200, maxBytes: 1e9 });
      assert.equal(claimed.changes.length, 2_200);
      assert.equal((await run.mustClaim({ maxRecords: 2_200, maxBytes: 1e9 })).changes.length, 100);
    });
  });
}
