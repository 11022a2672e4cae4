import type { Temporal } from './connect.ts';
import { SERVER_PATIENCE_MS } from './patience.ts';

/** A poll lasts a minute at most; who has not asked for longer is gone, although the server lists it for five. */
const POLL_LASTS_MS = 70_000;
const WORKFLOW_TASKS = 1;
const ACTIVITY_TASKS = 2;
const VERSIONED = 2;

/** A version of a Temporal deployment: what a worker with SYNCLINE_BUILD_ID is one of. */
export interface Build {
  readonly deployment: string;
  readonly buildId: string;
}

/** Who asks a task queue for work, and who is given it. */
export interface QueueWorkers {
  /** The build of each worker that is alive; undefined for one without. A worker that was killed is believed for up to a minute. */
  readonly alive: readonly (Build | undefined)[];
  /** Whom new runs go to, and those that may move: the current build, and one that is ramped up; undefined for workers without a build. */
  readonly served: readonly (Build | undefined)[];
}

/** @param queue of workflow tasks */
export async function readQueueWorkers(temporal: Temporal, queue: string, now: number): Promise<QueueWorkers> {
  const { connection } = temporal.client;
  const { pollers, versioningInfo } = await connection.withDeadline(Date.now() + SERVER_PATIENCE_MS, () =>
    connection.workflowService.describeTaskQueue({ namespace: temporal.namespace, taskQueue: { name: queue }, taskQueueType: WORKFLOW_TASKS }),
  );
  const isAlive = (seconds: unknown) => now - Number(seconds ?? 0) * 1000 < POLL_LASTS_MS;
  const rampPercent = versioningInfo?.rampingVersionPercentage ?? 0;
  return {
    alive: pollers
      .filter(({ lastAccessTime }) => isAlive(lastAccessTime?.seconds))
      .map(({ deploymentOptions }) => (deploymentOptions?.workerVersioningMode === VERSIONED ? buildOf(deploymentOptions) : undefined)),
    served: [
      ...(rampPercent < 100 ? [buildOf(versioningInfo?.currentDeploymentVersion)] : []),
      ...(rampPercent > 0 ? [buildOf(versioningInfo?.rampingDeploymentVersion)] : []),
    ],
  };
}

/** From Temporal's own form. @returns undefined where it means workers without a build */
export function buildOf(version: { readonly deploymentName?: string | null; readonly buildId?: string | null } | null | undefined): Build | undefined {
  return version?.deploymentName && version.buildId ? { deployment: version.deploymentName, buildId: version.buildId } : undefined;
}

export function isSameBuild(one: Build | undefined, other: Build | undefined): boolean {
  return one?.deployment === other?.deployment && one?.buildId === other?.buildId;
}

/** True while a worker serves a task queue for activities. One whose slots are all in use asks for nothing: so one that was killed is believed for up to five minutes. */
export async function hasActivityWorker(temporal: Temporal, queue: string): Promise<boolean> {
  const { connection } = temporal.client;
  const { pollers } = await connection.withDeadline(Date.now() + SERVER_PATIENCE_MS, () =>
    connection.workflowService.describeTaskQueue({ namespace: temporal.namespace, taskQueue: { name: queue }, taskQueueType: ACTIVITY_TASKS }),
  );
  return pollers.length > 0;
}
