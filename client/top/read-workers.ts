import { type SyncRef, taskQueues } from '../../engine/ids.ts';
import type { Temporal } from '../temporal/connect.ts';
import { buildOf } from '../temporal/worker-presence.ts';
import type { TopBacklog, TopWorker } from './top-frame.ts';

const WORKFLOW_TASKS = 1;
const ACTIVITY_TASKS = 2;
const ANSWER_WITHIN_MS = 5_000;

interface AskedQueue {
  readonly label: string;
  readonly name: string;
  readonly type: typeof WORKFLOW_TASKS | typeof ACTIVITY_TASKS;
}

interface Poller {
  readonly queue: string;
  readonly identity: string;
  readonly seenAt: number;
  readonly buildId: string | undefined;
}

/** Who asks the task queues of a project for work, and what waits there. @param own task queues that connections have of their own */
export async function readWorkers(
  temporal: Temporal,
  { project, profile }: Pick<SyncRef, 'project' | 'profile'>,
  own: readonly string[],
): Promise<{ readonly workers: readonly TopWorker[]; readonly backlog: readonly TopBacklog[] }> {
  const asked = await Promise.all(queuesOf(project, profile, own).map((queue) => ask(temporal, queue)));
  const byIdentity = Map.groupBy(
    asked.flatMap(({ pollers }) => pollers),
    ({ identity }) => identity,
  );
  return {
    workers: [...byIdentity].map(([identity, pollers]) => ({
      identity,
      queues: pollers.map(({ queue }) => queue),
      seenAt: Math.max(...pollers.map(({ seenAt }) => seenAt)),
      buildId: pollers.find(({ buildId }) => buildId !== undefined)?.buildId,
    })),
    backlog: asked.filter(({ tasks }) => tasks > 0).map(({ queue, tasks }) => ({ queue, tasks })),
  };
}

function queuesOf(project: string, profile: string, own: readonly string[]): readonly AskedQueue[] {
  const { workflows, bookkeeping, reading, writing } = taskQueues(project, profile);
  const activities = (label: string, name: string): AskedQueue => ({ label, name, type: ACTIVITY_TASKS });
  return [
    { label: 'workflows', name: workflows, type: WORKFLOW_TASKS },
    activities('steps', bookkeeping),
    activities('reading', reading),
    activities('writing', writing),
    ...own.flatMap((queue) => {
      const names = taskQueues(project, profile, queue);
      return [activities(`${queue}/reading`, names.reading), activities(`${queue}/writing`, names.writing)];
    }),
  ];
}

async function ask({ client, namespace }: Temporal, { label, name, type }: AskedQueue) {
  const { connection } = client;
  const { pollers, stats } = await connection.withDeadline(Date.now() + ANSWER_WITHIN_MS, () =>
    connection.workflowService.describeTaskQueue({ namespace, taskQueue: { name }, taskQueueType: type, reportStats: true }),
  );
  const found = pollers.map(
    ({ identity, lastAccessTime, deploymentOptions }): Poller => ({
      queue: label,
      identity: identity ?? '',
      seenAt: Number(lastAccessTime?.seconds ?? 0) * 1_000,
      buildId: buildOf(deploymentOptions)?.buildId,
    }),
  );
  return { queue: label, pollers: found, tasks: Number(stats?.approximateBacklogCount ?? 0) };
}
