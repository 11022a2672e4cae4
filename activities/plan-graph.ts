import { SyncError } from '../engine/errors.ts';
import type { GraphPlan, PlanGraphInput } from './activities.ts';
import type { ActivityDependencies } from './dependencies.ts';

/** See `Activities.planGraph`. */
export async function planGraph(dependencies: ActivityDependencies, { definitionHashes, useWorkerVersion }: PlanGraphInput): Promise<GraphPlan> {
  const { steps } = await dependencies.loadGraph();
  if (definitionHashes === undefined || useWorkerVersion === true) return { steps };
  const missing = Object.keys(definitionHashes).find((sync) => !steps.some(({ name }) => name === sync));
  const unknown = steps.find(({ name }) => definitionHashes[name] === undefined)?.name;
  if (missing === undefined && unknown === undefined) return { steps };
  throw new SyncError({
    code: 'DEFINITION_STALE',
    retry: 'never',
    message: `The worker ${missing === undefined ? `has a sync ${unknown} that this folder has not` : `has no sync ${missing}`}: is it running on another folder? Point it at this project, or pass --use-worker-version.`,
  });
}
