import type { WorkerDeploymentOptions } from '@temporalio/worker';
import { SyncError } from '../engine/errors.ts';
import { deploymentName } from '../engine/ids.ts';
import type { WorkerSettings } from './settings.ts';

type VersioningSettings = Pick<WorkerSettings, 'buildId' | 'deployment' | 'versioning'>;

/**
 * How the workers of this process register: as a build of their deployment, or, where no build is named, without versioning. All task queues of a project are of one
 * deployment, so that the steps of a pinned run stay on its build with it.
 * @throws SyncError DEFINITION_INVALID where project and profile make no name that Temporal takes
 */
export function versioningOf(settings: VersioningSettings, project: string, profile: string): WorkerDeploymentOptions | undefined {
  const { buildId, deployment = deploymentName(project, profile), versioning } = settings;
  if (buildId === undefined) return undefined;
  // Temporal takes such a worker without a word, and never gives it a task.
  if (/[.:]/.test(deployment)) {
    const message = `Temporal takes no deployment of the name ${deployment}: it may have neither "." nor ":". Set SYNCLINE_DEPLOYMENT to another.`;
    throw new SyncError({ code: 'DEFINITION_INVALID', retry: 'never', message });
  }
  return {
    version: { deploymentName: deployment, buildId },
    useWorkerVersioning: true,
    defaultVersioningBehavior: versioning === 'pinned' ? 'PINNED' : 'AUTO_UPGRADE',
  };
}
