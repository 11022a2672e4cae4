import { setTimeout as sleep } from 'node:timers/promises';
import { taskQueues } from '../../engine/ids.ts';
import type { Cli } from '../cli.ts';
import { CliError } from '../cli-error.ts';
import { EXIT } from '../exit-codes.ts';
import type { Temporal } from '../temporal/connect.ts';
import { SERVER_PATIENCE_MS } from '../temporal/patience.ts';
import { isSameBuild, readQueueWorkers } from '../temporal/worker-presence.ts';

const IDENTITY = 'syncline rollout';
const NOT_FOUND = 5;
const FAILED_PRECONDITION = 9;
const SPREADS_WITHIN_MS = 15_000;
const KNOWN_WITHIN_MS = 3_000;
const LOOK_AGAIN_MS = 200;
const LACKS_QUEUES = /missing active task queues/;

/**
 * New runs, and those that may move, go to this build; undefined: to workers without a build. A ramp ends with it.
 * @throws CliError where the build serves less than the one before
 */
export async function makeCurrent(cli: Cli, deployment: string, buildId: string | undefined): Promise<void> {
  const temporal = await cli.session.temporal();
  const { name: project, profile } = await cli.session.project();
  const { connection } = temporal.client;
  const request = { namespace: temporal.namespace, deploymentName: deployment, identity: IDENTITY };
  await asked(buildId ?? '', () =>
    connection.withDeadline(Date.now() + SERVER_PATIENCE_MS, () =>
      connection.workflowService.setWorkerDeploymentCurrentVersion({ ...request, buildId: buildId ?? '', allowNoPollers: buildId === undefined }),
    ),
  );
  await rampUp(temporal, deployment, '', 0);
  const wanted = buildId === undefined ? undefined : { deployment, buildId };
  const end = Date.now() + SPREADS_WITHIN_MS;
  // The server tells its task queues one after another.
  while (Date.now() < end) {
    const { served } = await readQueueWorkers(temporal, taskQueues(project, profile).workflows, Date.now());
    if (served.length === 1 && isSameBuild(served[0], wanted)) return;
    await sleep(LOOK_AGAIN_MS);
  }
  const message = `Temporal has taken the change, and has not told all task queues of ${project}/${profile} within ${SPREADS_WITHIN_MS / 1000} s. Look again: ${cli.command('rollout')}`;
  throw new CliError({ exitCode: EXIT.unreachable, code: 'TEMPORAL_UNREACHABLE', message });
}

/**
 * A part of the syncs, chosen by their names, goes to this build; the current one has the rest.
 * @param percent 0: the ramp ends
 * @throws CliError where the build serves less than the current one
 */
export async function rampUp({ client, namespace }: Temporal, deployment: string, buildId: string, percent: number): Promise<void> {
  const { connection } = client;
  const request = { namespace, deploymentName: deployment, identity: IDENTITY, buildId: percent === 0 ? '' : buildId, percentage: percent };
  await asked(buildId, () =>
    connection.withDeadline(Date.now() + SERVER_PATIENCE_MS, () => connection.workflowService.setWorkerDeploymentRampingVersion(request)),
  );
}

/** A run that is pinned goes on where new runs go, from its next step on. @returns false where it has ended meanwhile */
export async function unpin({ client, namespace }: Temporal, workflowId: string): Promise<boolean> {
  const { isGrpcServiceError } = await import('@temporalio/client');
  const { connection } = client;
  const request = {
    namespace,
    workflowExecution: { workflowId },
    workflowExecutionOptions: { versioningOverride: { autoUpgrade: true } },
    updateMask: { paths: ['versioning_override'] },
  };
  try {
    await connection.withDeadline(Date.now() + SERVER_PATIENCE_MS, () => connection.workflowService.updateWorkflowExecutionOptions(request));
    return true;
  } catch (error) {
    if (isGrpcServiceError(error) && error.code === NOT_FOUND) return false;
    throw error;
  }
}

async function asked(buildId: string, ask: () => Promise<unknown>): Promise<void> {
  const { isGrpcServiceError } = await import('@temporalio/client');
  const lacksQueues = (error: unknown) => isGrpcServiceError(error) && error.code === FAILED_PRECONDITION && LACKS_QUEUES.test(error.details);
  try {
    await whileYoung(ask, lacksQueues);
  } catch (error) {
    if (!isGrpcServiceError(error) || error.code !== FAILED_PRECONDITION) throw error;
    const message = LACKS_QUEUES.test(error.details)
      ? `Build ${buildId} has no workers for some of the task queues that the current build serves. Start those too, such as "syncline worker --queue NAME", and try again.`
      : `Temporal refused: ${error.details}.`;
    throw new CliError({ exitCode: EXIT.failed, code: 'ROLLOUT_REFUSED', message, cause: error });
  }
}

/** Of a worker that has just said that it is ready the server learns queue by queue. */
async function whileYoung(ask: () => Promise<unknown>, isOfYouth: (error: unknown) => boolean): Promise<void> {
  for (const giveUpAt = performance.now() + KNOWN_WITHIN_MS; ; await sleep(LOOK_AGAIN_MS)) {
    try {
      await ask();
      return;
    } catch (error) {
      if (!isOfYouth(error) || performance.now() >= giveUpAt) throw error;
    }
  }
}
