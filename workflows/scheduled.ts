import { ChildWorkflowFailure } from '@temporalio/common';
import { CancellationScope } from '@temporalio/workflow';
import { makeRunId } from '../engine/ids.ts';
import type { ScheduledInput, ScheduledResult } from './contract.ts';
import { endingOf } from './ending.ts';
import { runSync } from './run-sync.ts';
import { bookkeeping } from './steps.ts';

/** What a schedule starts: Temporal gives it an id of its own each time, so its only work is to run the sync under the id that is its lock. Fails when its run does. */
export async function scheduledWorkflow({ ref, overlap, pauseAfterFailures, hasSearchAttributes }: ScheduledInput): Promise<ScheduledResult> {
  const runId = makeRunId(Date.now(), Math.random);
  const ifInUse = overlap === 'skip' || overlap === 'cancel-other' ? overlap : 'wait';
  const input = { ref, runId, trigger: 'schedule', ...(hasSearchAttributes === undefined ? {} : { hasSearchAttributes }) } as const;
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
