import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { changed, RunDriver, withCode } from '../support/run-driver.ts';
import { closing, type OpenStore } from './open-store.ts';

export function segmentsConformance(openStore: OpenStore): void {
  describe('segments', () => {
    const open = closing(openStore);

    it('begin with the first page, and each next one where the one before ended', async () => {
      const run = await RunDriver.start(await open());
      assert.equal((await run.ledger.readSegment('r_1', 0))?.cursor, undefined);
      await run.stage([changed('1')], { nextCursor: { after: 'page 2' }, maxCursorValue: '2026-01-05' });
      await run.close(0, false);
      const next = await run.openSegment(1);
      assert.deepEqual([next.cursor, next.isLast, next.maxCursorValue, next.records], [{ after: 'page 2' }, false, '2026-01-05', 0]);
      assert.equal(await run.ledger.readSegment('r_1', 2), undefined);
    });

    it('open once: opening again loses nothing of what is committed', async () => {
      const run = await RunDriver.start(await open());
      await run.stage([changed('1'), changed('2')], { nextCursor: 'b', bytes: 70 });
      const again = await run.ledger.openSegment('r_1', 0, 9);
      assert.deepEqual([again.cursor, again.records, again.pages, again.bytes, again.state], ['b', 2, 1, 70, 'open']);
    });

    it('know the largest value of the incremental field, whatever the order of the pages', async () => {
      const run = await RunDriver.start(await open());
      await run.stage([changed('1')], { maxCursorValue: '2026-03-01T00:00:00Z' });
      await run.stage([changed('2')], { maxCursorValue: '2026-02-01T00:00:00Z' });
      await run.stage([changed('3')]);
      assert.equal((await run.ledger.readSegment('r_1', 0))?.maxCursorValue, '2026-03-01T00:00:00Z');
    });

    it('have one reader: an older token can neither stage nor close, and changes nothing', async () => {
      const run = await RunDriver.start(await open());
      await run.ledger.claimReader('r_1', 0, 'second reader');
      await assert.rejects(run.stage([changed('1')], { nextCursor: 'x' }), withCode('CLAIM_LOST'));
      await assert.rejects(run.close(), withCode('CLAIM_LOST'));
      const segment = await run.ledger.readSegment('r_1', 0);
      assert.deepEqual([segment?.state, segment?.cursor, segment?.records, (await run.liveTotals()).read], ['open', undefined, 0, 0]);
      assert.deepEqual(await run.stage([changed('1')], { token: 'second reader' }), { staged: 1, seenAgain: 0 });
    });

    it('take pages that are asked for one behind the other in that order, and none behind a page that was refused', async () => {
      const run = await RunDriver.start(await open());
      const page = (n: number, more: { token?: string } = {}) =>
        run.stage([changed(String(n))], { pagesBefore: n, nextCursor: n, maxCursorValue: `2026-01-0${n + 1}`, ...more });
      await Promise.all([page(0), page(1), page(2)]);
      assert.equal((await run.ledger.readSegment('r_1', 0))?.cursor, 2);
      const together = await Promise.allSettled([page(3), page(4, { token: 'another' }), page(5)]);
      assert.deepEqual(
        together.map(({ status }) => status),
        ['fulfilled', 'rejected', 'rejected'],
      );
      const segment = await run.ledger.readSegment('r_1', 0);
      assert.deepEqual([segment?.cursor, segment?.pages, segment?.records], [3, 4, 4]);
      assert.deepEqual(await page(4), { staged: 1, seenAgain: 0 });
    });

    it('that are closed take no more pages, and no reader', async () => {
      const run = await RunDriver.start(await open());
      await run.close();
      await assert.rejects(run.stage([changed('1')]), withCode('CLAIM_LOST'));
      const segment = await run.ledger.claimReader('r_1', 0, 'late');
      assert.deepEqual([segment.state, segment.isLast], ['complete', true]);
      await assert.rejects(run.stage([changed('1')], { token: 'late' }), withCode('CLAIM_LOST'));
    });

    it('are aborted whatever token holds them, and what is staged is still written', async () => {
      const run = await RunDriver.start(await open());
      await run.stage([changed('1')]);
      await run.ledger.abortSegment('r_1', 0);
      assert.deepEqual(await run.ledger.readBacklog('r_1', 0), { planned: 1, inFlight: 0, unknown: 0, isClosed: true });
      await assert.rejects(run.stage([changed('2')]), withCode('CLAIM_LOST'));
      assert.equal((await run.mustClaim()).changes.length, 1);
      await run.ledger.abortSegment('r_1', 5);
      assert.equal((await run.ledger.readSegment('r_1', 5))?.state, 'aborted');
    });

    it('count failures in a row, and forget them with the next page', async () => {
      const run = await RunDriver.start(await open());
      assert.deepEqual(await run.ledger.countFailure('r_1', 0, 100), { count: 1, sinceMs: 100 });
      assert.deepEqual(await run.ledger.countFailure('r_1', 0, 200), { count: 2, sinceMs: 100 });
      await run.stage([changed('1')]);
      assert.deepEqual(await run.ledger.countFailure('r_1', 0, 300), { count: 1, sinceMs: 300 });
    });

    it('forget failures with a record of which something became, and not with one that is held', async () => {
      const run = await RunDriver.start(await open());
      await run.stage([changed('1'), changed('2')]);
      const failed = async (at: number) => (await run.ledger.countFailure('r_1', 0, at)).count;
      assert.equal(await failed(100), 1);
      const first = await run.mustClaim({ maxRecords: 1 });
      await run.settle(first, ({ id }) => ({ changeId: id, outcome: 'held', reason: 'unknown', message: 'no answer' }));
      assert.equal(await failed(200), 2);
      const second = await run.mustClaim();
      await run.settle(second, ({ id }) => ({ changeId: id, outcome: 'written' }));
      assert.deepEqual(await run.ledger.countFailure('r_1', 0, 300), { count: 1, sinceMs: 300 });
    });

    it('begin where the one before ended also when their writer fails before their reader has come', async () => {
      const run = await RunDriver.start(await open());
      await run.stage([changed('1')], { nextCursor: 'page 2' });
      await run.close(0, false);
      await run.ledger.countFailure('r_1', 1, 100);
      assert.equal((await run.openSegment(1)).cursor, 'page 2');
    });
  });
}
