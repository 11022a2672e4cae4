import type { Temporal } from './connect.ts';

/** A poll lasts a minute at most; who has not asked for longer is gone, although the server lists it for five. */
const POLL_LASTS_MS = 70_000;
const WORKFLOW_TASKS = 1;
const ACTIVITY_TASKS = 2;

/** True while a worker asks the task queue for workflow tasks. A worker that was killed is believed for up to a minute. */
export async function hasWorker(temporal: Temporal, taskQueue: string, now: number): Promise<boolean> {
  const askedAt = await lastPolls(temporal, taskQueue, WORKFLOW_TASKS, now);
  return askedAt.some((at) => now - at < POLL_LASTS_MS);
}

/** True while a worker serves a task queue for activities. One whose slots are all in use asks for nothing: so one that was killed is believed for up to five minutes. */
export async function hasActivityWorker(temporal: Temporal, taskQueue: string, now: number): Promise<boolean> {
  return (await lastPolls(temporal, taskQueue, ACTIVITY_TASKS, now)).length > 0;
}

async function lastPolls(temporal: Temporal, taskQueue: string, taskQueueType: number, now: number): Promise<readonly number[]> {
  const { connection } = temporal.client;
  const answer = await connection.withDeadline(now + 5_000, () =>
    connection.workflowService.describeTaskQueue({ namespace: temporal.namespace, taskQueue: { name: taskQueue }, taskQueueType }),
  );
  return (answer.pollers ?? []).map((poller) => Number(poller.lastAccessTime?.seconds ?? 0) * 1000);
}
