import { AsyncLocalStorage } from 'node:async_hooks';
import type { Info } from '@temporalio/activity';
import { z } from 'zod';
import { syncOfWorkflow } from '../../engine/ids.ts';

/** Whose work is done: on each line of the log, and on each span. */
export interface StepIds {
  readonly sync?: string;
  /** Of Syncline: `r_…`. */
  readonly runId?: string;
  readonly workflowId?: string;
  /** Of Temporal. */
  readonly workflowRunId?: string;
  readonly activityType: string;
  readonly attempt: number;
}

const current = new AsyncLocalStorage<StepIds>();
/** Runs of ours by those of Temporal: its SDK tells of a step outside of it, too. */
const runs = new Map<string, string>();
const MOST_RUNS = 1_000;
const inputSchema = z.object({ runId: z.string().optional(), ref: z.object({ sync: z.string() }).optional() });

/** @param input what the activity was called with */
export function stepIdsOf({ workflowExecution, activityType, attempt }: Info, input: unknown): StepIds {
  const { runId, ref } = inputSchema.safeParse(input).data ?? {};
  const sync = ref?.sync ?? (workflowExecution === undefined ? undefined : syncOfWorkflow(workflowExecution.workflowId));
  return {
    ...(sync === undefined ? {} : { sync }),
    ...(runId === undefined ? {} : { runId }),
    ...(workflowExecution === undefined ? {} : { workflowId: workflowExecution.workflowId, workflowRunId: workflowExecution.runId }),
    activityType,
    attempt,
  };
}

/** All that `work` begins has these ids. */
export function withStepIds<Result>(ids: StepIds, work: () => Promise<Result>): Promise<Result> {
  const { runId, workflowRunId } = ids;
  if (runId !== undefined && workflowRunId !== undefined) remember(workflowRunId, runId);
  return current.run(ids, work);
}

/** Undefined outside of a step. */
export function currentStepIds(): StepIds | undefined {
  return current.getStore();
}

/** Of a workflow of which this worker has done a step lately. */
export function runIdOf(workflowRunId: string): string | undefined {
  return runs.get(workflowRunId);
}

function remember(workflowRunId: string, runId: string): void {
  runs.delete(workflowRunId);
  runs.set(workflowRunId, runId);
  const [oldest] = runs.keys();
  if (runs.size > MOST_RUNS && oldest !== undefined) runs.delete(oldest);
}
