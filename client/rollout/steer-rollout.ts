import { setTimeout as sleep } from 'node:timers/promises';
import { type SyncRef, taskQueues } from '../../engine/ids.ts';
import type { Temporal } from '../temporal/connect.ts';
import { type Build, isSameBuild, readQueueWorkers } from '../temporal/worker-presence.ts';

type Place = Pick<SyncRef, 'project' | 'profile'>;

const IDENTITY = 'syncline rollout';
const SPREADS_WITHIN_MS = 15_000;

/** New runs, and those that may move, go to this build; undefined: to workers without a build. A ramp ends with it. */
export async function makeCurrent(temporal: Temporal, place: Place, deployment: string, buildId: string | undefined): Promise<void> {
  const { client, namespace } = temporal;
  const { connection } = client;
  await connection.withDeadline(Date.now() + 10_000, async () => {
    const request = { namespace, deploymentName: deployment, identity: IDENTITY };
    await connection.workflowService.setWorkerDeploymentRampingVersion({ ...request, buildId: '', percentage: 0 });
    await connection.workflowService.setWorkerDeploymentCurrentVersion({ ...request, buildId: buildId ?? '', allowNoPollers: buildId === undefined });
  });
  await untilServed(temporal, place, [buildId === undefined ? undefined : { deployment, buildId }]);
}

/** A part of the new runs, and of those that may move, goes to this build; the current one has the rest. */
export async function rampUp(temporal: Temporal, deployment: string, buildId: string, percent: number): Promise<void> {
  const { client, namespace } = temporal;
  const { connection } = client;
  await connection.withDeadline(Date.now() + 10_000, () =>
    connection.workflowService.setWorkerDeploymentRampingVersion({
      namespace,
      deploymentName: deployment,
      identity: IDENTITY,
      buildId: percent === 0 ? '' : buildId,
      percentage: percent,
    }),
  );
}

/** A run that is pinned goes on where new runs go, from its next step on. */
export async function unpin({ client, namespace }: Temporal, workflowId: string): Promise<void> {
  const { connection } = client;
  await connection.withDeadline(Date.now() + 10_000, () =>
    connection.workflowService.updateWorkflowExecutionOptions({
      namespace,
      workflowExecution: { workflowId },
      workflowExecutionOptions: { versioningOverride: { autoUpgrade: true } },
      updateMask: { paths: ['versioning_override'] },
    }),
  );
}

/** The server tells its task queues one after another. */
async function untilServed(temporal: Temporal, { project, profile }: Place, wanted: readonly (Build | undefined)[]): Promise<void> {
  const end = Date.now() + SPREADS_WITHIN_MS;
  for (;;) {
    const { served } = await readQueueWorkers(temporal, taskQueues(project, profile).workflows, Date.now());
    if (served.length === wanted.length && served.every((build, index) => isSameBuild(build, wanted[index]))) return;
    if (Date.now() > end) throw new Error(`the server has not told the task queues of ${project}/${profile} within ${SPREADS_WITHIN_MS / 1000} s`);
    await sleep(200);
  }
}
