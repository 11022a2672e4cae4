import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { fastEnough, inTime } from '../support/in-time.ts';
import { until } from '../support/until.ts';
import { type Said, StalledRun } from './stalled-run.ts';

const LINES = 200;
/** Longer than it takes to settle. */
const AWAKE_MS = 60_000;
const UNFENCED = '--without-fencing';

/**
 * A worker process stopped with SIGSTOP for longer than its heartbeat time-out of 3 s, another one at work meanwhile, then SIGCONT. Beside each promise stands the same without
 * fencing: the harm that is seen there is what this test would see if it were gone.
 */
describe('a worker that is stopped with a request about to go out, and wakes up when another has written all', { concurrency: 2 }, () => {
  const woken = async (context: TestContext, ...args: readonly string[]) => {
    const run = await StalledRun.begin(context, { lines: LINES }, ['--freeze-before', 'holdsBatch:3', ...args]);
    run.start();
    await until('the worker to stop itself', () => run.isStopped);
    await run.project.startWorker();
    await until('the other worker to settle all', () => run.isSettled(LINES));
    assert.equal(run.api.doubled, 0);
    const before = { writes: run.api.writes, batches: run.batches() };
    const said = run.wake();
    await until('it to look at its claim', () => said().some(({ method }) => method === 'holdsBatch'));
    return { run, before, said };
  };

  it('sends nothing and settles nothing', async (context) => {
    const { run, before, said } = await woken(context);
    await assertCompleted(run);
    assert.deepEqual(allowed(said()), []);
    assert.equal(run.api.writes, before.writes);
    assert.deepEqual(run.batches(), before.batches, 'each batch stays settled by the token that took it over');
  });

  it(
    'left out: it makes orders twice',
    inTime(async (context) => {
      const { run } = await woken(context, UNFENCED);
      const lookedAt = performance.now();
      await until('orders made twice', () => run.api.doubled > 0 || performance.now() - lookedAt > AWAKE_MS);
      fastEnough(run.api.doubled > 0, 'it heard that it was cancelled before its request went out');
    }),
  );
});

describe('a worker that is stopped with answers on their way, and wakes up when another holds its batches', { concurrency: 2 }, () => {
  const woken = async (context: TestContext, ...args: readonly string[]) => {
    const run = await StalledRun.begin(context, { lines: LINES }, args);
    run.api.keepsAnswers = true;
    run.start();
    await until('four writes that wait for their answers', () => run.api.kept.length === 4);
    run.stop();
    const own = run.batches();
    run.api.answerAll();
    run.api.keepsSearches = true;
    await run.project.startWorker();
    await until('the other worker to hold them', () => [...run.batches()].every(([id, { token }]) => token !== own.get(id)?.token));
    const taken = run.batches();
    const said = run.wake();
    const wokenAt = performance.now();
    await until('it to settle, or try to', () => said().filter(isEnd).length >= own.size || performance.now() - wokenAt > AWAKE_MS);
    fastEnough(said().filter(isEnd).length >= own.size, 'a request had timed out before the worker was stopped, or it was cancelled before it came to settle');
    return { run, own, taken, said };
  };

  it(
    'settles none of them',
    inTime(async (context) => {
      const { run, own, said } = await woken(context);
      assert.deepEqual(allowed(said()), []);
      for (const [id, { state, token }] of run.batches()) assert.ok(state !== 'settled' && token !== own.get(id)?.token, `${id} is ${state}`);
      run.api.answerAll();
      await assertCompleted(run);
      // On a slow machine a later attempt takes them over once more.
      for (const [id, { token }] of own) {
        const now = run.batches().get(id);
        assert.ok(now?.state === 'settled' && now.token !== token, `${id} is to be settled by whoever took it over`);
      }
      assert.equal(run.api.doubled, 0);
    }),
  );

  it(
    'left out: it says what became of batches that another one holds',
    inTime(async (context) => {
      const { run, taken } = await woken(context, UNFENCED);
      assert.notDeepEqual(run.batches(), taken);
    }),
  );
});

describe('a worker that is stopped before its next claim, and wakes up while another goes on with its segment', () => {
  it('sends no further batch in the attempt that was stopped', async (context) => {
    const run = await StalledRun.begin(context, { lines: 2_000, style: 'upsert' }, ['--freeze-before', 'claimBatch:6']);
    run.api.writeMs = 300;
    run.start();
    await until('the worker to stop itself', () => run.isStopped);
    const claimed = run.batches();
    await run.project.startWorker();
    const before = run.api.made.size;
    await until('the other worker to write', () => run.api.made.size > before + 100);
    const said = run.wake();
    const soFar = run.api.made.size;
    await until('the other worker to write on', () => run.api.made.size > soFar + 100);
    assert.ok(run.api.made.size < 1_900, 'there was more to claim');
    // What it had sent it may settle, where nobody took it over. What it was about to claim it gives back: of no such batch it comes as far as to the request.
    const sent = said().filter(
      ({ attempt, method, batchId }) => attempt === 1 && !claimed.has(batchId) && (method === 'holdsBatch' || method === 'settleBatch'),
    );
    assert.deepEqual(allowed(sent), []);
    await assertCompleted(run);
    assert.equal(run.api.made.size, 2_000);
  });
});

async function assertCompleted(run: StalledRun): Promise<void> {
  const { code, stdout = '', stderr = '' } = (await run.ended) ?? {};
  assert.equal(code, 0, stdout + stderr);
  assert.match(stdout, /books\s+closed/);
}

/** What the ledger let the worker do. */
function allowed(said: readonly Said[]): readonly string[] {
  return said.filter(({ answer }) => ['done', 'claimed', 'true'].includes(answer)).map(({ method, batchId }) => `${method} ${batchId}`);
}

/** Tells what became of a batch. */
function isEnd({ method }: Said): boolean {
  return method === 'settleBatch' || method === 'markUnknown';
}
