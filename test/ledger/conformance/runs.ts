import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ZERO_TOTALS } from '../../../engine/outcome.ts';
import { changed, RunDriver, SCOPE, withCode, written } from '../support/run-driver.ts';
import { closing, type OpenStore } from './open-store.ts';

export function runsConformance(openStore: OpenStore): void {
  describe('runs', () => {
    const open = closing(openStore);
    const request = (id: string, scope = SCOPE, at = 1) => ({ id, scope, trigger: 'keys', options: { keys: ['4711'] }, at }) as const;

    it('are requested once, and keep what they were asked to do when they are opened', async () => {
      const ledger = await open();
      await ledger.requestRun(request('r_1'));
      await ledger.requestRun({ ...request('r_1'), options: { full: true } });
      assert.equal((await ledger.readRun('r_1'))?.state, 'requested');
      const run = await new RunDriver(ledger).open({ window: { from: '2026-01-01' }, trigger: 'keys' });
      assert.equal(run.state, 'running');
      assert.deepEqual(run.options, { keys: ['4711'] });
      assert.deepEqual(run.window, { from: '2026-01-01' });
      assert.equal(run.requestedAt, 1);
      assert.deepEqual(run.totals, ZERO_TOTALS);
    });

    it('tell when one last went well that did all that its sync says, and when the first was asked for', async () => {
      const ledger = await open();
      const end = async (id: string, trigger: 'manual' | 'schedule' | 'keys', state: 'completed' | 'completed-with-rejections' | 'failed', at: number) => {
        await ledger.requestRun({ id, scope: SCOPE, trigger, options: {}, at });
        await ledger.closeRun(id, { state, totals: ZERO_TOTALS, at: at + 5 });
      };
      assert.deepEqual(await ledger.readSuccess(SCOPE), {});
      await end('r_1', 'schedule', 'failed', 10);
      assert.deepEqual(await ledger.readSuccess(SCOPE), { firstAt: 10 });
      await end('r_2', 'manual', 'completed', 20);
      await end('r_3', 'schedule', 'completed-with-rejections', 30);
      await end('r_4', 'keys', 'completed', 40);
      await end('r_5', 'manual', 'failed', 50);
      await ledger.requestRun({ ...request('r_6', 'acme/dev/other', 5), trigger: 'manual' });
      assert.deepEqual(await ledger.readSuccess(SCOPE), { lastGoodAt: 35, firstAt: 10 });
    });

    it('are undefined where nobody knows them', async () => {
      assert.equal(await (await open()).readRun('r_0'), undefined);
    });

    it('open again as they are for the same execution', async () => {
      const run = await RunDriver.start(await open());
      await run.stage([changed('1')]);
      const again = await run.open();
      assert.deepEqual([again.id, again.state, again.startedAt, again.totals.read], ['r_1', 'running', 1_001, 1]);
    });

    it('that were paused before they are opened are paused when they are', async () => {
      const ledger = await open();
      await ledger.requestRun(request('r_1'));
      await ledger.adjustRun('r_1', { paused: true });
      assert.equal((await new RunDriver(ledger).open()).state, 'paused');
      await ledger.adjustRun('r_1', { paused: false });
      assert.equal((await ledger.readRun('r_1'))?.state, 'running');
    });

    it('go on under a new execution of their own workflow', async () => {
      const run = await RunDriver.start(await open());
      await run.stage([changed('1')]);
      const again = await run.open({ firstExecutionRunId: 'another' });
      assert.deepEqual(
        [again.state, again.endedAt, again.firstExecutionRunId, (await run.ledger.readBacklog('r_1', 0)).planned],
        ['running', undefined, 'another', 1],
      );
    });

    it('of another workflow keep the scope for themselves', async () => {
      const ledger = await open();
      await RunDriver.start(ledger);
      const message = 'Another run of acme/dev/contacts is alive (r_1): wait for it, or cancel it with "syncline cancel contacts".';
      await assert.rejects(new RunDriver(ledger, { id: 'r_2' }).open({ workflowId: 'elsewhere' }), { code: 'RUN_CONFLICT', message });
      assert.equal((await ledger.readRun('r_1'))?.state, 'running');
      await new RunDriver(ledger, { id: 'r_3', scope: 'acme/dev/other' }).open();
    });

    it('that have ended are not opened again', async () => {
      const run = await RunDriver.start(await open());
      await run.end();
      await assert.rejects(run.open(), withCode('RUN_CONFLICT'));
      assert.equal((await run.ledger.readRun('r_1'))?.state, 'completed');
    });

    it('left behind by a dead execution are abandoned: planned changes dropped, sent ones unknown, readers refused', async () => {
      const ledger = await open();
      const dead = await RunDriver.start(ledger);
      await dead.stage([changed('1'), changed('2')]);
      const sent = await dead.mustClaim({ maxRecords: 1 });
      const next = await RunDriver.start(ledger, { id: 'r_2', now: 5_000 });
      const abandoned = await ledger.readRun('r_1');
      assert.equal(abandoned?.state, 'abandoned');
      assert.equal(abandoned.endedAt, 5_001);
      assert.deepEqual(await ledger.readBacklog('r_1', 0), { planned: 0, inFlight: 0, unknown: 1, isClosed: true });
      assert.equal((await next.state('1'))?.hasUnknown, true);
      assert.equal(await next.state('2'), undefined);
      await assert.rejects(dead.stage([changed('3')]), withCode('CLAIM_LOST'));
      await assert.rejects(
        dead.settle(sent, ({ id }) => written(id)),
        withCode('CLAIM_LOST'),
      );
      assert.equal(await dead.claim(), undefined);
      assert.deepEqual(
        (await ledger.listUnresolved('r_2', 0, [])).map((batch) => [batch.id, batch.state]),
        [[sent.id, 'unknown']],
      );
    });

    it('are found by a prefix of their id, newest first, or as the last', async () => {
      const ledger = await open();
      await ledger.requestRun(request('r_aa1', 'acme/dev/one', 1));
      await ledger.requestRun(request('r_aa2', 'acme/dev/two', 2));
      await ledger.requestRun(request('r_ab3', 'acme/production/one', 3));
      await ledger.requestRun(request('rxaa4', 'acme/dev/one', 4));
      const find = async (scope: string, id: string) => (await ledger.findRuns(scope, id)).map((run) => run.id);
      assert.deepEqual(await find('acme/dev/', 'r_aa'), ['r_aa2', 'r_aa1']);
      assert.deepEqual(await find('acme/dev/one', 'r_aa1'), ['r_aa1']);
      assert.deepEqual(await find('acme/dev/', 'r_ab'), []);
      assert.deepEqual(await find('acme/', 'last'), ['rxaa4']);
    });

    it('are listed newest first, of one sync or of all of a profile', async () => {
      const ledger = await open();
      for (const [n, scope] of ['acme/dev/one', 'acme/dev/one_more', 'acme/dev/one', 'other/dev/one'].entries())
        await ledger.requestRun(request(`r_${n}`, scope, n + 1));
      const list = async (scope: string, limit: number) => (await ledger.listRuns(scope, limit)).map((run) => run.id);
      assert.deepEqual(await list('acme/dev/one', 10), ['r_2', 'r_0']);
      assert.deepEqual(await list('acme/dev/', 10), ['r_2', 'r_1', 'r_0']);
      assert.deepEqual(await list('acme/dev/', 1), ['r_2']);
    });

    it('pause, resume and are tuned by one control row that merges', async () => {
      const { ledger } = await RunDriver.start(await open());
      assert.deepEqual(await ledger.adjustRun('r_1', { paused: true }), { paused: true });
      assert.equal((await ledger.readRun('r_1'))?.state, 'paused');
      assert.deepEqual(await ledger.adjustRun('r_1', { concurrency: 3 }), { paused: true, concurrency: 3 });
      assert.deepEqual(await ledger.adjustRun('r_1', { paused: false, batchSize: 10 }), { paused: false, concurrency: 3, batchSize: 10 });
      assert.equal((await ledger.readRun('r_1'))?.state, 'running');
    });

    it('say what they wait for, on each side, until it is over', async () => {
      const { ledger } = await RunDriver.start(await open());
      const wait = { side: 'target', reason: 'HubSpot asked to wait 30 s (429)', untilMs: 9 } as const;
      await ledger.setWait('r_1', 'target', wait);
      await ledger.setWait('r_1', 'source', { ...wait, side: 'source' });
      assert.equal((await ledger.readRun('r_1'))?.waits.length, 2);
      await ledger.setWait('r_1', 'source', null);
      assert.deepEqual((await ledger.readRun('r_1'))?.waits, [wait]);
    });

    it('go through their phases', async () => {
      const ledger = await open();
      const run = new RunDriver(ledger);
      assert.equal((await run.open()).phase, 'planning');
      await ledger.setPhase('r_1', 'lookups');
      assert.equal((await ledger.readRun('r_1'))?.phase, 'lookups');
      await run.openSegment(0);
      assert.equal((await ledger.readRun('r_1'))?.phase, 'syncing');
      await run.end();
      await ledger.setPhase('r_1', 'syncing');
      assert.equal((await ledger.readRun('r_1'))?.phase, 'done');
    });

    it('keep the first start of their read, what the source expects, and costs outside segments', async () => {
      const { ledger } = await RunDriver.start(await open());
      await ledger.setReadStart('r_1', 7.4);
      await ledger.setReadStart('r_1', 9);
      await ledger.setExpected('r_1', 500);
      await ledger.addRunCost('r_1', { requests: 3, retries: 2, throttled: 1 });
      await ledger.addRunCost('r_1', { requests: 1, retries: 0, throttled: 0 });
      const run = await ledger.readRun('r_1');
      assert.equal(run?.readStartedAt, 7);
      assert.deepEqual([run.totals.expected, run.totals.requests, run.totals.retries, run.totals.throttled, run.totals.segments], [500, 4, 2, 1, 1]);
    });

    it('close once, with frozen totals and the failure in full words', async () => {
      const run = await RunDriver.start(await open());
      const { ledger } = run;
      const failure = { code: 'CREDENTIALS_REJECTED', message: 'HubSpot refused the token' } as const;
      await run.stage([changed('1'), changed('2')]);
      await ledger.noteFailure('r_1', failure);
      await ledger.setWait('r_1', 'target', { side: 'target', reason: 'x', untilMs: 1 });
      const totals = await ledger.deriveTotals('r_1');
      await ledger.closeRun('r_1', { state: 'failed', totals, at: 50 });
      await ledger.closeRun('r_1', { state: 'completed', totals: ZERO_TOTALS, at: 60 });
      await ledger.noteFailure('r_1', { code: 'RUN_CONFLICT', message: 'after its end' });
      const closed = await ledger.readRun('r_1');
      assert.deepEqual([closed?.state, closed?.phase, closed?.endedAt, closed?.failure, closed?.waits], ['failed', 'done', 50, failure, []]);
      assert.deepEqual(closed?.totals, totals);
      assert.deepEqual(await ledger.deriveTotals('r_1'), totals);
      assert.equal((await ledger.readBacklog('r_1', 0)).planned, 0);
      assert.equal(await run.claim(), undefined);
      await assert.rejects(run.stage([changed('3')]), withCode('CLAIM_LOST'));
    });

    it('keep a watermark for each scope', async () => {
      const ledger = await open();
      assert.equal(await ledger.readWatermark(SCOPE), undefined);
      await ledger.saveWatermark(SCOPE, { value: '2026-01-01T00:00:00Z', fullReadAt: 5 }, 6);
      await ledger.saveWatermark(SCOPE, { value: '2026-01-02T00:00:00Z' }, 7);
      assert.deepEqual(await ledger.readWatermark(SCOPE), { value: '2026-01-02T00:00:00Z', savedAt: 7 });
      assert.equal(await ledger.readWatermark('acme/dev/other'), undefined);
    });
  });
}
