import type { Temporal } from './connect.ts';

/** What Temporal says of a workflow id: its latest execution. */
export interface WorkflowState {
  readonly isRunning: boolean;
  /** RUNNING, COMPLETED, FAILED, CANCELLED, TERMINATED, TIMED_OUT */
  readonly status: string;
  /** Unchanged by continue-as-new: which run this is. */
  readonly firstExecutionRunId: string | undefined;
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
    };
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  }
}
