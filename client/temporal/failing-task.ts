import type { Temporal } from './connect.ts';
import { SERVER_PATIENCE_MS } from './patience.ts';

const LAST_EVENTS = 5;
const NON_DETERMINISTIC_ERROR = 24;

interface Execution {
  readonly workflowId: string;
  readonly runId: string;
}

export interface FailingTask {
  readonly attempt: number;
  /** A fixed sentence. */
  readonly message: string;
}

/**
 * Why a worker cannot go on with a workflow, where it has tried more than once.
 * @param attempt of the workflow task that comes next
 * @returns undefined where its worker was merely lost
 */
export async function findFailingTask({ client, namespace }: Temporal, execution: Execution, attempt: number): Promise<FailingTask | undefined> {
  if (attempt < 2) return undefined;
  const { connection } = client;
  const { history } = await connection.withDeadline(Date.now() + SERVER_PATIENCE_MS, () =>
    connection.workflowService.getWorkflowExecutionHistoryReverse({ namespace, execution, maximumPageSize: LAST_EVENTS }),
  );
  const [failed] = (history?.events ?? []).flatMap(({ workflowTaskFailedEventAttributes: attributes }) => attributes ?? []);
  if (failed === undefined) return undefined;
  if (failed.cause !== NON_DETERMINISTIC_ERROR) return { attempt, message: 'the workflow itself fails in the worker: see its log, or the Web UI' };
  const message =
    'the worker\'s workflows take other steps than this run has taken. Let a build go on with it that fits: "Rolling out a change" in docs/operating.md';
  return { attempt, message };
}
