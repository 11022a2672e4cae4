import { allHandlersFinished, CancellationScope, CancelledFailure, condition, continueAsNew, sleep, workflowInfo } from '@temporalio/workflow';
import type { EventsOutlook } from '../activities/activities.ts';
import type { EventsInput } from '../engine/wake-up.ts';
import type { SyncInput } from './contract.ts';
import { drainEvents } from './drain-events.ts';
import { type Ending, endingOf } from './ending.ts';
import { Inbox } from './inbox.ts';
import { LiveRun } from './live-run.ts';
import { RunIds } from './run-ids.ts';
import { settle } from './settle.ts';
import { planRun, runSteps } from './steps.ts';
import { takeAway } from './take-away.ts';

const FIRST_RETRY_MS = 30_000;
const LONGEST_RETRY_MS = 900_000;

/** How a run of events ended. */
interface RunEnd {
  readonly state: 'done' | 'failed' | 'cancelled';
  readonly dueInMs?: number;
}

/**
 * Syncs the records for which events are open, beside the runs of the sync, run after run until none is open. A run that fails leaves its events open, and is followed by another
 * after a growing pause: nobody is waiting for them to fail.
 */
export async function eventsWorkflow({ ref, hasSearchAttributes = false, ...input }: EventsInput): Promise<void> {
  const inbox = new Inbox();
  const runIds = new RunIds();
  let failedInARow = input.failedInARow ?? 0;
  for (;;) {
    const run = new LiveRun({ ref, runId: runIds.next(), trigger: 'events', options: { events: true }, hasSearchAttributes });
    const { state, dueInMs } = await runEvents(run, inbox);
    if (state === 'cancelled') throw new CancelledFailure('The run of events was cancelled; its books are closed, and its events are open.');
    failedInARow = state === 'failed' ? failedInARow + 1 : 0;
    // Nothing is awaited between this look and the end: what is asked meanwhile starts another execution, or has been seen.
    if (state === 'done' && dueInMs === undefined && !inbox.hasWake && !run.paused) return;
    if (state === 'failed') await sleep(Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(10, failedInARow - 1)));
    else if (dueInMs !== undefined) await condition(() => inbox.hasWake, Math.max(1, dueInMs));
    await run.whileNotPaused();
    if (!workflowInfo().continueAsNewSuggested) continue;
    await condition(allHandlersFinished);
    await continueAsNew<typeof eventsWorkflow>({ ref, hasSearchAttributes, failedInARow });
  }
}

/** One run, from its plan to its books. */
async function runEvents(run: LiveRun, inbox: Inbox): Promise<RunEnd> {
  let ending: Ending = { ending: 'completed' };
  let outlook: EventsOutlook | undefined;
  try {
    outlook = await copy(run, inbox);
  } catch (error) {
    ending = endingOf(error);
  }
  const { state } = await CancellationScope.nonCancellable(() => settle(run, ending));
  if (state === 'cancelled') return { state };
  const dueInMs = outlook?.dueInMs;
  return { state: outlook === undefined ? 'failed' : 'done', ...(dueInMs === undefined ? {} : { dueInMs }) };
}

async function copy(run: LiveRun, inbox: Inbox): Promise<EventsOutlook> {
  const input: SyncInput = run.input;
  inbox.empty();
  const plan = await planRun({ ...input, firstExecutionRunId: workflowInfo().firstExecutionRunId });
  const steps = runSteps(input.ref, input.runId, plan);
  if (plan.hasLookups) {
    run.enter('lookups');
    await steps.fetchLookups();
  }
  run.enter('syncing');
  const outlook = await drainEvents(run, steps, plan, inbox);
  if (plan.takesAway === true) await takeAway(run, steps);
  return outlook;
}
