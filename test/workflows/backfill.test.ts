import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Context } from '@temporalio/activity';
import { CancelledFailure, WorkflowFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import type { Activities, PlanRunInput } from '../../activities/activities.ts';
import { windowWorkflowId } from '../../engine/ids.ts';
import { ZERO_TOTALS } from '../../engine/outcome.ts';
import { backfillQuery, pauseSignal, resumeSignal } from '../../workflows/messages.ts';
import { fakeActivities } from '../support/fake-activities.ts';
import { until } from '../support/until.ts';
import { withBackfillWorkflow } from '../support/workflow-run.ts';

/** Runs of windows that begin, and end when `mayEnd` says so. */
function fakeWindows({ onPlan, mayEnd = () => true }: { readonly onPlan?: (from: string) => void; readonly mayEnd?: () => boolean } = {}) {
  const begun: string[] = [];
  const ended: string[] = [];
  const adjusted: string[] = [];
  const reading = new Set<string>();
  const fromOf = new Map<string, string>();
  const { activities } = fakeActivities({ segments: 1 });
  const windows: Activities = {
    ...activities,
    planRun: async (input: PlanRunInput) => {
      const from = input.options?.window?.from ?? '';
      assert.equal(input.trigger, 'backfill');
      fromOf.set(input.runId, from);
      begun.push(from);
      onPlan?.(from);
      return activities.planRun(input);
    },
    pageSource: async (input) => {
      const context = Context.current();
      reading.add(input.runId);
      while (!mayEnd()) {
        context.heartbeat();
        await Promise.race([sleep(100), context.cancelled]);
      }
      return activities.pageSource(input);
    },
    adjustRun: async (input) => {
      adjusted.push(`${fromOf.get(input.runId)} ${JSON.stringify(input.control)}`);
      return activities.adjustRun(input);
    },
    settleRun: async (input) => {
      ended.push(`${fromOf.get(input.runId)} ${input.ending}`);
      const settled = await activities.settleRun(input);
      return { ...settled, totals: { ...ZERO_TOTALS, read: 2, written: 1, unchanged: 1 } };
    },
  };
  return { activities: windows, begun, ended, adjusted, reading };
}

const refused = () => ApplicationFailure.nonRetryable('An API refused a request.', 'REQUEST_REJECTED');

test('windows are read oldest first, no more at once than asked for, and their books are summed', async () => {
  let isReleased = false;
  const { activities, begun } = fakeWindows({ mayEnd: () => isReleased });
  await withBackfillWorkflow(activities, { days: 5, parallel: 2 }, async (handle) => {
    await until('two windows', () => begun.length === 2);
    const { running, next } = await handle.query(backfillQuery);
    assert.deepEqual(
      running.map(({ from, to }) => [from, to]),
      [
        ['2026-01-01', '2026-01-02'],
        ['2026-01-02', '2026-01-03'],
      ],
    );
    assert.equal(next, 2);
    isReleased = true;
    const { phase, windows, done, totals } = await handle.result();
    assert.deepEqual([phase, windows, done, totals.read, totals.written], ['done', 5, 5, 10, 5]);
  });
  assert.deepEqual(begun.toSorted(), ['2026-01-01', '2026-01-02', '2026-01-03', '2026-01-04', '2026-01-05']);
});

test('an execution continues as new after its windows, and knows what went before', async () => {
  const { activities, begun } = fakeWindows();
  await withBackfillWorkflow(activities, { days: 5, parallel: 2, windowsPerExecution: 2 }, async (handle) => {
    const { done, totals } = await handle.result();
    assert.deepEqual([done, totals.read], [5, 10]);
  });
  assert.equal(new Set(begun).size, 5);
});

test('paused, it begins no window and pauses those that are read; resumed, all go on', async () => {
  let isReleased = false;
  const { activities, begun, adjusted } = fakeWindows({ mayEnd: () => isReleased });
  await withBackfillWorkflow(activities, { days: 3, parallel: 1 }, async (handle) => {
    await until('a window', () => begun.length === 1);
    await handle.signal(pauseSignal);
    await until('the window to be paused', () => adjusted.includes('2026-01-01 {"paused":true}'));
    isReleased = true;
    assert.equal((await handle.query(backfillQuery)).paused, true);
    await handle.signal(resumeSignal);
    assert.equal((await handle.result()).done, 3);
  });
});

test('a window that fails leaves the others alone, and is told', async () => {
  const { activities } = fakeWindows({
    onPlan: (from) => {
      if (from === '2026-01-02') throw refused();
    },
  });
  await withBackfillWorkflow(activities, { days: 4, parallel: 1 }, async (handle) => {
    await assert.rejects(handle.result(), (error: unknown) => {
      assert.ok(error instanceof WorkflowFailedError && error.cause instanceof ApplicationFailure);
      assert.equal(error.cause.type, 'REQUEST_REJECTED');
      assert.equal(error.cause.message, '1 of 4 windows failed, the first from 2026-01-02: An API refused a request.');
      return true;
    });
    const { phase, done, failed } = await handle.query(backfillQuery);
    assert.deepEqual([phase, done, failed.map(({ from }) => from)], ['done', 3, ['2026-01-02']]);
  });
});

test('a window that somebody cancelled is not told as read, and the others go on', async () => {
  let isReleased = false;
  const { activities, reading } = fakeWindows({ mayEnd: () => isReleased });
  await withBackfillWorkflow(activities, { days: 4, parallel: 1 }, async (handle, client, ref) => {
    await until('a window to be read', () => reading.size === 1);
    await client.workflow.getHandle(windowWorkflowId(ref, '2026-01-01')).cancel();
    await until('the next window to be read', () => reading.size === 2);
    isReleased = true;
    await assert.rejects(handle.result(), (error: unknown) => {
      assert.ok(error instanceof WorkflowFailedError && error.cause instanceof ApplicationFailure);
      assert.equal(error.cause.message, '1 of 4 windows failed, the first from 2026-01-01: Its run was cancelled.');
      return true;
    });
    assert.equal((await handle.query(backfillQuery)).done, 3);
  });
});

test('it stops where the next would fail as well', async () => {
  const { activities, begun } = fakeWindows({
    onPlan: () => {
      throw refused();
    },
  });
  await withBackfillWorkflow(activities, { days: 9, parallel: 1 }, async (handle) => {
    await assert.rejects(handle.result(), WorkflowFailedError);
    assert.deepEqual((await handle.query(backfillQuery)).phase, 'stopped');
  });
  assert.equal(begun.length, 3);
});

test('it stops at once where credentials are refused', async () => {
  const { activities, begun } = fakeWindows({
    onPlan: () => {
      throw ApplicationFailure.nonRetryable('An API refused the credentials.', 'CREDENTIALS_REJECTED');
    },
  });
  await withBackfillWorkflow(activities, { days: 9, parallel: 1 }, async (handle) => {
    await assert.rejects(handle.result(), WorkflowFailedError);
    assert.equal((await handle.query(backfillQuery)).phase, 'stopped');
  });
  assert.equal(begun.length, 1);
});

test('cancelled, the windows that are read close their books, and no other is begun', async () => {
  const { activities, begun, ended, reading } = fakeWindows({ mayEnd: () => false });
  await withBackfillWorkflow(activities, { days: 5, parallel: 2 }, async (handle) => {
    await until('two windows to be read', () => reading.size === 2);
    await handle.cancel();
    await assert.rejects(handle.result(), (error: unknown) => error instanceof WorkflowFailedError && error.cause instanceof CancelledFailure);
  });
  assert.deepEqual(ended.toSorted(), ['2026-01-01 cancelled', '2026-01-02 cancelled']);
  assert.equal(begun.length, 2);
});
