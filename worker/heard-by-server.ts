import { setTimeout as sleep } from 'node:timers/promises';
import type { NativeConnection, Worker } from '@temporalio/worker';
import type { Logger } from 'pino';

const WORKFLOW_TASKS = 1;
const ACTIVITY_TASKS = 2;
const LOOK_AGAIN_MS = 50;
/** A worker that is up is not held back for longer than this: it will be heard. */
const PATIENCE_MS = 30_000;

export interface HeardParts {
  readonly connection: NativeConnection;
  readonly namespace: string;
  readonly workers: readonly Pick<Worker, 'options'>[];
  readonly log: Logger;
}

/**
 * Settles once the Temporal server knows that each of these workers asks for work: whoever looks for a worker from then on finds it. On a busy machine that is
 * seconds after the worker has begun to ask.
 */
export async function heardByServer(parts: HeardParts): Promise<void> {
  const giveUpAt = performance.now() + PATIENCE_MS;
  try {
    for (const worker of parts.workers) {
      while (!(await isHeard(worker, parts)) && performance.now() < giveUpAt) await sleep(LOOK_AGAIN_MS);
    }
  } catch (error) {
    parts.log.debug({ error }, 'the server does not tell whom it has heard of');
  }
}

async function isHeard({ options }: Pick<Worker, 'options'>, { connection, namespace }: HeardParts): Promise<boolean> {
  const { taskQueue, identity, workflowBundle } = options;
  const taskQueueType = workflowBundle === undefined ? ACTIVITY_TASKS : WORKFLOW_TASKS;
  const { pollers } = await connection.withDeadline(Date.now() + PATIENCE_MS, () =>
    connection.workflowService.describeTaskQueue({ namespace, taskQueue: { name: taskQueue }, taskQueueType }),
  );
  return pollers.some((poller) => poller.identity === identity);
}
