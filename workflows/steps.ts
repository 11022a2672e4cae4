import { ActivityCancellationType, ActivityFailure, type ActivityOptions, log, proxyActivities } from '@temporalio/workflow';
import type {
  Activities,
  CountReferencesInput,
  GraphPlan,
  PlanGraphInput,
  PlanRunInput,
  ReconcileInput,
  ReconcileResult,
  ReferenceCount,
  RunPlan,
  RunQueues,
  SegmentInput,
  StageRepairsInput,
  SweepDeletesInput,
  WakeSyncsInput,
} from '../activities/activities.ts';
import { type SyncRef, taskQueues } from '../engine/ids.ts';

/** Attempts are never counted out by Temporal: activities keep their own budget of failures without progress, in the ledger. */
const RETRY = { initialInterval: '1 second', maximumInterval: '1 minute' } as const;

/** Every worker talks to all connections. */
const EVERYWHERE: RunQueues = { lookups: [{}] };

/** The steps of one run: an activity each, with the timing of its class and a summary for the Web UI. */
export type Steps = ReturnType<typeof runSteps>;

/** Comes before the plan that the other steps are timed by. */
export function planRun(input: PlanRunInput): Promise<RunPlan> {
  const quick: ActivityOptions = { taskQueue: queues(input.ref).bookkeeping, startToCloseTimeout: '2 minutes', retry: RETRY };
  return proxyActivities<Activities>({ ...quick, summary: `Plan ${input.ref.sync}` }).planRun(input);
}

/** Reading and writing beat; bookkeeping is short. */
export function runSteps(ref: SyncRef, runId: string, plan: RunPlan) {
  const beating: ActivityOptions = {
    startToCloseTimeout: '1 hour',
    heartbeatTimeout: plan.heartbeatTimeoutMs,
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    retry: RETRY,
    ...(plan.slots === undefined ? {} : { priority: plan.slots }),
  };
  const { source, target, lookups } = plan.queues ?? EVERYWHERE;
  const paging: ActivityOptions = { ...beating, taskQueue: queues(ref, source).reading };
  const writing: ActivityOptions = { ...beating, taskQueue: queues(ref, target).writing };
  const on = (options: ActivityOptions, summary: string) => proxyActivities<Activities>({ ...options, summary });

  return {
    fetchLookups: async () => {
      for (const { queue, ...some } of lookups) {
        await on({ ...beating, taskQueue: queues(ref, queue).reading }, 'Fetch lookup tables').fetchLookups({ runId, ...some });
      }
    },
    pageSource: (input: SegmentInput) => on(paging, `Read segment ${input.segment} from ${plan.source}`).pageSource(input),
    writeBatches: (input: SegmentInput) => on(writing, `Write segment ${input.segment} to ${plan.target}`).writeBatches(input),
    sweepDeletes: (input: SweepDeletesInput) => on(paging, `Look for what ${plan.source} no longer has`).sweepDeletes(input),
    stageRepairs: (input: StageRepairsInput) => bookkeeping(ref, 'Stage repairs').stageRepairs(input),
    abortSegment: (input: SegmentInput) => bookkeeping(ref, 'Close the segment of a lost reader').abortSegment(input),
  };
}

/** Judges what began or ended with a run that has ended; somebody else sends it. It fails no run. */
export async function notify(ref: SyncRef, runId: string): Promise<void> {
  const options: ActivityOptions = {
    taskQueue: queues(ref).bookkeeping,
    startToCloseTimeout: '1 minute',
    heartbeatTimeout: '10 seconds',
    retry: { initialInterval: '2 seconds', backoffCoefficient: 3, maximumInterval: '1 minute', maximumAttempts: 5 },
  };
  try {
    await proxyActivities<Activities>({ ...options, summary: 'Judge the alert rules' }).notify({ ref, runId });
  } catch (error) {
    if (!(error instanceof ActivityFailure)) throw error;
    log.warn('the alert rules were not judged by this run', { runId });
  }
}

/** Reads a target back; it needs no plan, as it belongs to no run. */
export function reconcileStep(input: ReconcileInput): Promise<ReconcileResult> {
  const options: ActivityOptions = {
    taskQueue: queues(input.ref, input.queue).reading,
    startToCloseTimeout: '1 day',
    heartbeatTimeout: '20 seconds',
    retry: RETRY,
  };
  return proxyActivities<Activities>({ ...options, summary: `Read the target of ${input.ref.sync} back` }).reconcile(input);
}

/** Which syncs there are, and which of them wait for which. */
export function planGraph(input: PlanGraphInput): Promise<GraphPlan> {
  return ofGraph(input, 'Order the syncs').planGraph(input);
}

export function countReferences(input: CountReferencesInput): Promise<readonly ReferenceCount[]> {
  return ofGraph(input, 'Look for references that are there by now').countReferences(input);
}

/** Wakes every sync with open events. */
export function wakeSyncs({ project, profile, hasSearchAttributes = false }: WakeSyncsInput): Promise<number> {
  return ofGraph({ project, profile }, 'Wake syncs with open events').wakeSyncs({ project, profile, hasSearchAttributes });
}

function ofGraph({ project, profile }: Pick<SyncRef, 'project' | 'profile'>, summary: string) {
  const taskQueue = taskQueues(project, profile).bookkeeping;
  return proxyActivities<Activities>({ taskQueue, startToCloseTimeout: '2 minutes', retry: RETRY, summary });
}

/** Short writes to the ledger, possible at any time in a run, also before its plan and after its failure. */
export function bookkeeping(ref: SyncRef, summary: string) {
  return proxyActivities<Activities>({
    taskQueue: queues(ref).bookkeeping,
    startToCloseTimeout: '1 minute',
    retry: { initialInterval: '1 second', maximumInterval: '10 seconds' },
    summary,
  });
}

function queues(ref: SyncRef, queue?: string) {
  return taskQueues(ref.project, ref.profile, queue);
}
