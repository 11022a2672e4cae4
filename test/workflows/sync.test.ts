import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CancelledFailure, WorkflowFailedError, WorkflowUpdateFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import type { Activities } from '../../activities/activities.ts';
import { pauseSignal, progressQuery, resumeSignal, tuneUpdate } from '../../workflows/messages.ts';
import { fakeActivities } from '../support/fake-activities.ts';
import { until } from '../support/until.ts';
import { type RunHandle, withSyncWorkflow } from '../support/workflow-run.ts';

test('a run plans, looks up, reads and writes each segment, and settles', async () => {
  const { activities, calls } = fakeActivities({ segments: 3, hasLookups: true });
  await withSyncWorkflow(activities, async (run) => {
    const result = await run.result();
    assert.equal(result.state, 'completed');
  });
  assert.deepEqual(calls.slice(0, 2), ['plan', 'lookups']);
  assert.deepEqual([...calls].sort(), ['lookups', 'plan', 'read 0', 'read 1', 'read 2', 'settle completed', 'write 0', 'write 1', 'write 2']);
  assert.equal(calls.at(-1), 'settle completed');
});

test('the writer starts with its segment, and the reader is at most one segment ahead', async () => {
  let release = () => {};
  const held = new Promise<void>((resolve) => (release = resolve));
  const { activities, calls } = fakeActivities({
    segments: 4,
    writeBatches: async ({ segment }) => {
      if (segment === 0) await held;
      return undefined;
    },
  });
  await withSyncWorkflow(activities, async (run) => {
    await until('the second segment to be read', () => calls.includes('read 1'));
    await new Promise((resolve) => setTimeout(resolve, 700));
    assert.equal(calls.includes('read 2'), false, 'the reader ran two segments ahead');
    assert.equal(calls.includes('write 1'), false, 'two writers at once');
    release();
    await run.result();
  });
  assert.ok(calls.includes('write 3'));
});

test('a run continues as new after its number of segments, and goes on with the next', async () => {
  const { activities, calls } = fakeActivities({ segments: 5, maxSegmentsPerExecution: 2, hasLookups: true });
  await withSyncWorkflow(activities, async (run) => {
    assert.equal((await run.result()).state, 'completed');
  });
  assert.deepEqual(
    calls.filter((call) => call.startsWith('read')),
    ['read 0', 'read 1', 'read 2', 'read 3', 'read 4'],
  );
  assert.equal(calls.filter((call) => call === 'plan').length, 3);
  assert.equal(calls.filter((call) => call === 'lookups').length, 1);
  assert.equal(calls.filter((call) => call.startsWith('settle')).length, 1);
});

test('a paused run asks for the same segment again once it is resumed', async () => {
  let isPaused = false;
  const { activities, calls } = fakeActivities({
    segments: 1,
    pageSource: async (_, call) => {
      if (call > 1) return undefined;
      await until('the pause', () => isPaused);
      return { state: 'paused', isLast: false, totals: (await import('../../engine/outcome.ts')).ZERO_TOTALS };
    },
    writeBatches: async (_, call) => {
      if (call > 1) return undefined;
      await until('the pause', () => isPaused);
      return { state: 'paused' };
    },
  });
  await withSyncWorkflow(activities, async (run) => {
    await until('both steps to run', () => calls.includes('read 0') && calls.includes('write 0'));
    await run.signal(pauseSignal);
    await until('the pause to be written down', () => calls.includes('adjust {"paused":true}'));
    await until('the workflow to know', async () => (await run.query(progressQuery)).paused);
    isPaused = true;
    await new Promise((resolve) => setTimeout(resolve, 500));
    assert.equal(calls.filter((call) => call === 'read 0').length, 1, 'a paused run holds no slot');
    await run.signal(resumeSignal);
    await run.result();
  });
  assert.equal(calls.filter((call) => call === 'read 0').length, 2);
  assert.equal(calls.filter((call) => call === 'write 0').length, 2);
});

test('tune is checked before it is accepted, and then written down', async () => {
  let isTuned = false;
  const { activities, calls } = fakeActivities({
    segments: 1,
    writeBatches: async () => {
      await until('the tune', () => isTuned);
      return undefined;
    },
  });
  await withSyncWorkflow(activities, async (run) => {
    await assert.rejects(run.executeUpdate(tuneUpdate, { args: [{ concurrency: 0 }] }), (error: unknown) => {
      assert.ok(error instanceof WorkflowUpdateFailedError);
      assert.match(error.cause?.message ?? '', /concurrency must be between 1 and 256, not 0/);
      return true;
    });
    assert.deepEqual(await run.executeUpdate(tuneUpdate, { args: [{ concurrency: 2, batchSize: 50 }] }), { concurrency: 2, batchSize: 50 });
    isTuned = true;
    await run.result();
  });
  assert.ok(calls.includes('adjust {"concurrency":2,"batchSize":50}'));
});

test('a reader that fails for good closes its segment, lets the writer drain, and the run settles as failed with its code', async () => {
  const { activities, calls } = fakeActivities({
    segments: 2,
    pageSource: async ({ segment }) => {
      if (segment === 1) throw ApplicationFailure.nonRetryable('An API refused the credentials.', 'CREDENTIALS_REJECTED');
      return undefined;
    },
  });
  await withSyncWorkflow(activities, async (run) => {
    await assert.rejects(run.result(), (error: unknown) => {
      assert.ok(error instanceof WorkflowFailedError);
      assert.ok(error.cause instanceof ApplicationFailure);
      assert.equal(error.cause.type, 'CREDENTIALS_REJECTED');
      return true;
    });
  });
  assert.ok(calls.includes('abort 1'));
  assert.equal(calls.at(-1), 'settle failed');
});

test("a writer's final failure ends the run; the books are closed after both have ended", async () => {
  const { activities, calls } = fakeActivities({
    segments: 50,
    writeBatches: async ({ segment }) => {
      if (segment === 1) throw ApplicationFailure.nonRetryable('An API cannot be reached.', 'SYSTEM_UNAVAILABLE');
      return undefined;
    },
  });
  await withSyncWorkflow(activities, async (run) => {
    await assert.rejects(run.result(), WorkflowFailedError);
  });
  assert.ok(calls.filter((call) => call.startsWith('read')).length <= 4);
  assert.equal(calls.at(-1), 'settle failed');
});

test('a cancelled run settles, and ends as cancelled', async () => {
  const { activities, calls } = fakeActivities({
    segments: 1,
    pageSource: async () => {
      const { Context } = await import('@temporalio/activity');
      const beat = setInterval(() => Context.current().heartbeat(), 200);
      await Context.current().cancelled.finally(() => clearInterval(beat));
      return undefined;
    },
  });
  await withSyncWorkflow(activities, async (run) => {
    await until('the reader to run', () => calls.includes('read 0'));
    await run.cancel();
    await assertCancelled(run);
  });
  assert.equal(calls.at(-1), 'settle cancelled');
});

test('a pause or its end that a cancelled run still hears leaves its books to be closed', async () => {
  let isOver = false;
  const { activities, calls } = fakeActivities({
    segments: 1,
    writeBatches: async () => {
      await until('the end of what is in flight', () => isOver);
      return { state: 'paused' };
    },
  });
  await withSyncWorkflow(activities, async (run) => {
    await until('both steps to run', () => calls.includes('read 0') && calls.includes('write 0'));
    await run.cancel();
    await run.signal(pauseSignal);
    await run.signal(resumeSignal);
    const isRunning = async () => (await run.describe()).status.name === 'RUNNING';
    await until('both to be written down', async () => calls.includes('adjust {"paused":false}') || !(await isRunning()));
    assert.ok(await isRunning(), 'what is in flight is waited for');
    isOver = true;
    await assertCancelled(run);
  });
  assert.equal(calls.at(-1), 'settle cancelled');
});

test('a run that is cancelled while a pause is written down closes its books', async () => {
  let isOver = false;
  const { activities, calls } = fakeActivities({
    segments: 1,
    writeBatches: async () => {
      await until('the end of what is in flight', () => isOver);
      return { state: 'paused' };
    },
  });
  let isAsked = false;
  const slow: Activities = {
    ...activities,
    adjustRun: async (input) => {
      isAsked = true;
      await until('the end of what is in flight', () => isOver);
      return activities.adjustRun(input);
    },
  };
  await withSyncWorkflow(slow, async (run) => {
    await until('both steps to run', () => calls.includes('read 0') && calls.includes('write 0'));
    await run.signal(pauseSignal);
    await until('the pause to be on its way', () => isAsked);
    await run.cancel();
    await new Promise((resolve) => setTimeout(resolve, 500));
    isOver = true;
    await assertCancelled(run);
  });
  assert.equal(calls.at(-1), 'settle cancelled');
});

test('a pause that cannot be written down is none, and the run goes on to its end', async () => {
  let isAsked = false;
  const { activities, calls } = fakeActivities({
    segments: 1,
    writeBatches: async () => {
      await until('the pause', () => isAsked);
      return undefined;
    },
  });
  const refusing: Activities = {
    ...activities,
    adjustRun: async () => {
      isAsked = true;
      throw ApplicationFailure.nonRetryable('The ledger has no such run.', 'INTERNAL');
    },
  };
  await withSyncWorkflow(refusing, async (run) => {
    await until('the writer to run', () => calls.includes('write 0'));
    await run.signal(pauseSignal);
    assert.equal((await run.result()).state, 'completed');
  });
  assert.equal(calls.at(-1), 'settle completed');
});

test('a run that is cancelled as it is about to continue as new closes its books', async () => {
  let isOver = false;
  const { activities, calls } = fakeActivities({
    segments: 4,
    maxSegmentsPerExecution: 2,
    writeBatches: async ({ segment }) => {
      if (segment === 1) await until('the end of what is in flight', () => isOver);
      return undefined;
    },
  });
  await withSyncWorkflow(activities, async (run) => {
    await until('the last segment of the execution', () => calls.includes('read 1') && calls.includes('write 1'));
    await new Promise((resolve) => setTimeout(resolve, 500));
    await run.cancel();
    await new Promise((resolve) => setTimeout(resolve, 500));
    isOver = true;
    await assertCancelled(run);
  });
  assert.equal(calls.at(-1), 'settle cancelled');
});

test('alert rules are judged after the books are closed, and their failure fails no run', async () => {
  const { activities, calls } = fakeActivities({ segments: 1, notify: () => Promise.reject(ApplicationFailure.nonRetryable('nobody listens', 'INTERNAL')) });
  await withSyncWorkflow(activities, async (run) => {
    assert.equal((await run.result()).state, 'completed');
  });
  assert.deepEqual(calls.slice(-2), ['settle completed', 'notify']);
});

async function assertCancelled(run: RunHandle): Promise<void> {
  await assert.rejects(run.result(), (error: unknown) => error instanceof WorkflowFailedError && error.cause instanceof CancelledFailure);
}
