import type { Temporal } from './connect.ts';

/** A poll lasts a minute at most; who has not asked for longer is gone, although the server lists it for five. */
const POLL_LASTS_MS = 70_000;
const WORKFLOW_TASKS = 1;

/** True while a worker asks the task queue for workflow tasks. A worker that was killed is believed for up to a minute. */
export async function hasWorker(temporal: Temporal, taskQueue: string, now: number): Promise<boolean> {
  const { connection } = temporal.client;
  const answer = await connection.withDeadline(now + 5_000, () =>
    connection.workflowService.describeTaskQueue({ namespace: temporal.namespace, taskQueue: { name: taskQueue }, taskQueueType: WORKFLOW_TASKS }),
  );
  return (answer.pollers ?? []).some((poller) => now - Number(poller.lastAccessTime?.seconds ?? 0) * 1000 < POLL_LASTS_MS);
}
