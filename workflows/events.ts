import { allHandlersFinished, CancellationScope, CancelledFailure, condition, continueAsNew, sleep, workflowInfo } from '@temporalio/workflow';
import type { EventsOutlook } from '../activities/activities.ts';
import type { EventsInput, OpenEventsRun } from '../engine/wake-up.ts';
import { isCancelledBeforeContinuing } from './before-continuing.ts';
import type { SyncInput } from './contract.ts';
import { drainEvents, LOOK_AGAIN } from './drain-events.ts';
import { type Ending, endingOf } from './ending.ts';
import { Inbox } from './inbox.ts';
import { LiveRun } from './live-run.ts';
import { RunIds } from './run-ids.ts';
import { settle } from './settle.ts';
import { planRun, runSteps } from './steps.ts';
import { takeAway } from './take-away.ts';
import { untilResumed } from './until-resumed.ts';

const FIRST_RETRY_MS = 30_000;
const LONGEST_RETRY_MS = 900_000;

/** How a run of events ended; `left`: it did not, and the next execution goes on with it. */
interface RunEnd {
  readonly state: 'done' | 'failed' | 'cancelled' | 'left';
  readonly dueInMs?: number;
}

/**
 * Syncs the records for which events are open, beside the runs of the sync, run after run until none is open. A run that fails leaves its events open, and is followed by another
 * after a growing pause: nobody is waiting for them to fail. However long it is paused, or waits for a person, it can be woken: it continues as new meanwhile.
 */
export async function eventsWorkflow(input: EventsInput): Promise<void> {
  const { ref, hasSearchAttributes = false } = input;
  const inbox = new Inbox(input.wakesPerExecution);
  const runIds = new RunIds();
  let { failedInARow = 0, paused = false, open } = input;
  for (;;) {
    if (paused && open === undefined && !(await untilResumed(() => inbox.isFull))) break;
    const run = new LiveRun(
      {
        ref,
        runId: open?.runId ?? runIds.next(),
        trigger: 'events',
        options: { events: true },
        hasSearchAttributes,
        ...(open === undefined ? {} : { continued: { nextSegment: open.segment, paused } }),
      },
      () => inbox.isFull,
    );
    const { state, dueInMs } = await runEvents(run, inbox, open);
    ({ paused } = run);
    open = state === 'left' ? { runId: run.input.runId, segment: run.segment, isSweeping: run.phase === 'sweeping' } : undefined;
    if (open !== undefined) break;
    if (state === 'cancelled') throw new CancelledFailure('The run of events was cancelled; its books are closed, and its events are open.');
    failedInARow = state === 'failed' ? failedInARow + 1 : 0;
    // Nothing is awaited between this look and the end: what is asked meanwhile starts another execution, or has been seen.
    if (state === 'done' && dueInMs === undefined && !inbox.hasWake && !paused) return;
    if (state === 'failed') await sleep(Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(10, failedInARow - 1)));
    else if (dueInMs !== undefined) await condition(() => inbox.hasWake, Math.max(1, dueInMs));
    // A pause that is still being written down is one.
    await condition(allHandlersFinished);
    ({ paused } = run);
    if (workflowInfo().continueAsNewSuggested) break;
  }
  const { wakesPerExecution } = input;
  await continueAsNew<typeof eventsWorkflow>({
    ref,
    hasSearchAttributes,
    failedInARow,
    paused,
    ...(open === undefined ? {} : { open }),
    ...(wakesPerExecution === undefined ? {} : { wakesPerExecution }),
  });
}

/** One run, from its plan to its books, or as far as another execution is to go on with it. */
async function runEvents(run: LiveRun, inbox: Inbox, open: OpenEventsRun | undefined): Promise<RunEnd> {
  let ending: Ending = { ending: 'completed' };
  let outlook: EventsOutlook | undefined;
  try {
    outlook = await copy(run, inbox, open);
  } catch (error) {
    ending = endingOf(error);
  }
  if (run.isLeft && outlook !== undefined) {
    if (!(await isCancelledBeforeContinuing())) return { state: 'left' };
    ending = { ending: 'cancelled' };
  }
  const { state } = await CancellationScope.nonCancellable(() => settle(run, ending));
  if (state === 'cancelled') return { state };
  const dueInMs = outlook?.dueInMs;
  return { state: outlook === undefined ? 'failed' : 'done', ...(dueInMs === undefined ? {} : { dueInMs }) };
}

async function copy(run: LiveRun, inbox: Inbox, open: OpenEventsRun | undefined): Promise<EventsOutlook> {
  const input: SyncInput = run.input;
  inbox.empty();
  const plan = await planRun({ ...input, firstExecutionRunId: workflowInfo().firstExecutionRunId });
  const steps = runSteps(input.ref, input.runId, plan);
  if (plan.hasLookups && open === undefined) {
    run.enter('lookups');
    await steps.fetchLookups();
  }
  run.enter('syncing');
  const outlook = open?.isSweeping === true ? { hasGone: true, ...LOOK_AGAIN } : await drainEvents(run, steps, plan, inbox);
  if (plan.takesAway === true && !run.isLeft) await takeAway(run, steps);
  return outlook;
}
