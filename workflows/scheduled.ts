import { ChildWorkflowFailure } from '@temporalio/common';
import { CancellationScope, workflowInfo } from '@temporalio/workflow';
import { makeRunId, type SyncRef } from '../engine/ids.ts';
import type { ScheduledInput, ScheduledResult, TimeWindow } from './contract.ts';
import { endingOf } from './ending.ts';
import { runSync } from './run-sync.ts';
import { bookkeeping } from './steps.ts';

/** A run on time may wait for a worker so long. */
const ON_TIME_MS = 60_000;

/** What a schedule starts: Temporal gives it an id of its own each time, so its only work is to run the sync under the id that is its lock. Fails when its run does. */
export async function scheduledWorkflow({ ref, overlap, pauseAfterFailures, hasSearchAttributes }: ScheduledInput): Promise<ScheduledResult> {
  const runId = makeRunId(Date.now(), Math.random);
  const ifInUse = overlap === 'skip' || overlap === 'cancel-other' ? overlap : 'wait';
  const window = await lateWindow(ref);
  const input = {
    ref,
    runId,
    trigger: 'schedule',
    ...(hasSearchAttributes === undefined ? {} : { hasSearchAttributes }),
    ...(window === undefined ? {} : { options: { window } }),
  } as const;
  try {
    const result = await runSync(input, { parentClosePolicy: 'ABANDON', ifInUse });
    return result === undefined ? { state: 'skipped' } : { state: result.state, runId };
  } catch (error) {
    const { ending, failure } = endingOf(error);
    if (ending === 'failed' && error instanceof ChildWorkflowFailure) {
      const judged = {
        ref,
        runId,
        ...(failure === undefined ? {} : { code: failure.code }),
        ...(pauseAfterFailures === undefined ? {} : { pauseAfterFailures }),
      };
      await CancellationScope.nonCancellable(() => bookkeeping(ref, 'Pause the schedule, where it should').judgeSchedule(judged));
    }
    throw error;
  }
}

/** A tick of the past that the sync has read beyond is read again by itself: what it asks for is that time, not all that is new. */
async function lateWindow(ref: SyncRef): Promise<TimeWindow | undefined> {
  const { searchAttributes, startTime } = workflowInfo();
  const [dueAt] = searchAttributes['TemporalScheduledStartTime'] ?? [];
  if (!(dueAt instanceof Date) || startTime.getTime() - dueAt.getTime() < ON_TIME_MS) return undefined;
  return bookkeeping(ref, 'Find the window of a late run').findTickWindow({ ref, dueAt: dueAt.toISOString() });
}
