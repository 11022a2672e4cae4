import { CancellationScope, CancelledFailure, continueAsNew, workflowInfo } from '@temporalio/workflow';
import { isCancelledBeforeContinuing } from './before-continuing.ts';
import { checkTarget } from './check-target.ts';
import type { SyncInput, SyncResult } from './contract.ts';
import { copySegments } from './copy-segments.ts';
import { type Ending, endingOf, failureOf } from './ending.ts';
import { LiveRun } from './live-run.ts';
import { settle } from './settle.ts';
import { planRun, runSteps } from './steps.ts';
import { takeAway } from './take-away.ts';

/** One run of one sync: plan, look up, read and write segment by segment, settle. See design.md section 4. */
export async function syncWorkflow(input: SyncInput): Promise<SyncResult> {
  const run = new LiveRun(input);
  let ending: Ending = { ending: 'completed' };
  let nextSegment: number | undefined;
  try {
    const plan = await planRun({ ...input, firstExecutionRunId: workflowInfo().firstExecutionRunId });
    const steps = runSteps(input.ref, input.runId, plan);
    if (plan.hasLookups && input.continued === undefined) {
      run.enter('lookups');
      await steps.fetchLookups();
    }
    run.enter('syncing');
    nextSegment = await copySegments(run, steps, plan);
    if (nextSegment === undefined && plan.takesAway === true) await takeAway(run, steps);
    if (nextSegment === undefined && plan.reconciliation !== undefined) await checkTarget(run, steps, plan.reconciliation);
  } catch (error) {
    ending = endingOf(error);
  }
  if (nextSegment === undefined) return CancellationScope.nonCancellable(() => finish(run, ending));
  if (await isCancelledBeforeContinuing()) return CancellationScope.nonCancellable(() => finish(run, { ending: 'cancelled' }));
  return continueAsNew<typeof syncWorkflow>({ ...input, continued: { nextSegment, paused: run.paused } });
}

async function finish(run: LiveRun, ending: Ending): Promise<SyncResult> {
  const { runId } = run.input;
  const settled = await settle(run, ending);
  if (settled.failure !== undefined) throw failureOf(settled.failure);
  if (settled.state === 'cancelled') throw new CancelledFailure('The run was cancelled; its books are closed.');
  return { runId, state: settled.state, totals: settled.totals };
}
