import { deploymentName, type SyncRef, taskQueues } from '../../engine/ids.ts';
import type { Temporal } from '../temporal/connect.ts';
import { SERVER_PATIENCE_MS } from '../temporal/patience.ts';
import { buildOf, isSameBuild, readQueueWorkers } from '../temporal/worker-presence.ts';

/** A build of a deployment: who runs on it, and what it is given. */
export interface RolloutBuild {
  readonly buildId: string;
  /** Of new runs, and of runs that may move. */
  readonly percent: number;
  /** New runs have gone to it, now or once. */
  readonly hasServed: boolean;
  /** Workers that are alive. */
  readonly workers: number;
  /** Workflow ids of runs that are alive and stay. */
  readonly pinned: readonly string[];
  /** Workflow ids of runs that are alive, were last worked on by it, and may move. */
  readonly movable: readonly string[];
}

/** The builds of a project and profile. */
export interface Rollout {
  readonly deployment: string;
  /** The newest first. */
  readonly builds: readonly RolloutBuild[];
  /** Workers that are alive and of no build. */
  readonly plainWorkers: number;
}

type Place = Pick<SyncRef, 'project' | 'profile'>;
const NOT_FOUND = 5;

/** The deployment that SYNCLINE_DEPLOYMENT names; else that of the build that is served, or of a worker that is alive; else the one that workers are of when nothing else is said. */
export async function findDeployment(temporal: Temporal, { project, profile }: Place, env: NodeJS.ProcessEnv): Promise<string> {
  if (env['SYNCLINE_DEPLOYMENT']) return env['SYNCLINE_DEPLOYMENT'];
  const { alive, served } = await readQueueWorkers(temporal, taskQueues(project, profile).workflows, Date.now());
  const [found] = [...served, ...alive].flatMap((build) => build?.deployment ?? []);
  return found ?? deploymentName(project, profile);
}

export async function readRollout(temporal: Temporal, place: Place, deployment: string): Promise<Rollout> {
  const { alive } = await readQueueWorkers(temporal, taskQueues(place.project, place.profile).workflows, Date.now());
  const described = await describe(temporal, deployment);
  const routing = described?.routingConfig;
  const rampPercent = routing?.rampingVersionPercentage ?? 0;
  const percentOf = (buildId: string) => {
    if (routing?.currentDeploymentVersion?.buildId === buildId) return 100 - rampPercent;
    return routing?.rampingDeploymentVersion?.buildId === buildId ? rampPercent : 0;
  };
  const newestFirst = (described?.versionSummaries ?? []).toSorted(
    (one, other) => Number(other.createTime?.seconds ?? 0) - Number(one.createTime?.seconds ?? 0),
  );
  const known = newestFirst.flatMap(({ deploymentVersion, firstActivationTime }) => {
    const build = buildOf(deploymentVersion);
    return build === undefined ? [] : [{ buildId: build.buildId, hasServed: Boolean(firstActivationTime?.seconds) }];
  });
  const builds = known.map(async ({ buildId, hasServed }) => ({
    buildId,
    hasServed,
    percent: percentOf(buildId),
    workers: alive.filter((build) => isSameBuild(build, { deployment, buildId })).length,
    ...(await readRuns(temporal, deployment, buildId)),
  }));
  return { deployment, builds: await Promise.all(builds), plainWorkers: alive.filter((build) => build === undefined).length };
}

async function describe({ client, namespace }: Temporal, deployment: string) {
  const { isGrpcServiceError } = await import('@temporalio/client');
  try {
    const { connection } = client;
    const answer = await connection.withDeadline(Date.now() + SERVER_PATIENCE_MS, () =>
      connection.workflowService.describeWorkerDeployment({ namespace, deploymentName: deployment }),
    );
    return answer.workerDeploymentInfo ?? undefined;
  } catch (error) {
    if (isGrpcServiceError(error) && error.code === NOT_FOUND) return undefined; // no worker of it has ever run
    throw error;
  }
}

/** Runs that are alive, from the visibility store: a moment behind. */
async function readRuns({ client }: Temporal, deployment: string, buildId: string): Promise<Pick<RolloutBuild, 'pinned' | 'movable'>> {
  const quoted = `${deployment}:${buildId}`.replaceAll("'", "\\'");
  const pinned: string[] = [];
  const movable: string[] = [];
  const query = `TemporalWorkerDeploymentVersion = '${quoted}' AND ExecutionStatus = 'Running'`;
  for await (const { workflowId, searchAttributes } of client.workflow.list({ query })) {
    const [behavior] = searchAttributes['TemporalWorkflowVersioningBehavior'] ?? [];
    (behavior === 'Pinned' ? pinned : movable).push(workflowId);
  }
  return { pinned: pinned.toSorted(), movable: movable.toSorted() };
}
