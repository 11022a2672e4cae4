import type { Temporal } from './connect.ts';

/** What Temporal says of a workflow id: its latest execution. */
export interface WorkflowState {
  readonly isRunning: boolean;
  /** RUNNING, COMPLETED, FAILED, CANCELLED, TERMINATED, TIMED_OUT */
  readonly status: string;
  /** Unchanged by continue-as-new: which run this is. */
  readonly firstExecutionRunId: string | undefined;
  /** A step that failed and waits to be tried again. */
  readonly retry: StepRetry | undefined;
}

export interface StepRetry {
  /** Of the attempt that comes next. */
  readonly attempt: number;
  /** Code and fixed sentence, as history may keep them. */
  readonly message: string;
}

/** @returns undefined where the server does not know the workflow */
export async function readWorkflowState(temporal: Temporal, workflowId: string): Promise<WorkflowState | undefined> {
  const { WorkflowNotFoundError } = await import('@temporalio/client');
  try {
    const { connection } = temporal.client;
    const description = await connection.withDeadline(Date.now() + 5_000, () => temporal.client.workflow.getHandle(workflowId).describe());
    const { name: status } = description.status;
    return {
      isRunning: status === 'RUNNING' || status === 'CONTINUED_AS_NEW',
      status,
      firstExecutionRunId: description.raw.workflowExecutionInfo?.firstRunId ?? undefined,
      retry: retryOf(description.raw.pendingActivities ?? []),
    };
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  }
}

interface PendingActivity {
  readonly attempt?: number | null;
  readonly lastFailure?: { readonly message?: string | null } | null;
}

/** The step that has failed most often in a row. */
function retryOf(pending: readonly PendingActivity[]): StepRetry | undefined {
  const failing = pending.filter((step) => (step.attempt ?? 1) > 1 && typeof step.lastFailure?.message === 'string');
  const [worst] = failing.toSorted((one, other) => (other.attempt ?? 0) - (one.attempt ?? 0));
  if (worst === undefined) return undefined;
  return { attempt: worst.attempt ?? 1, message: (worst.lastFailure?.message ?? '').replace(' Details: syncline show.', '') };
}
