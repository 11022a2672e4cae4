import type { RunPlan } from '../activities/activities.ts';
import { divideFound } from '../engine/repairs.ts';
import { writeSegment } from './copy-segments.ts';
import type { LiveRun } from './live-run.ts';
import { reconcileStep, type Steps } from './steps.ts';

/** At the end of a run, where it is time for it: reads the target back, and writes again what is not there as it was written. */
export async function checkTarget(run: LiveRun, steps: Steps, { id, repair, leaves, ...how }: NonNullable<RunPlan['reconciliation']>): Promise<void> {
  const { ref, runId } = run.input;
  run.enter('reconciling');
  const { found, fewer = 0 } = await reconcileStep({ ref, id, runId, ...how });
  const { repaired, left } = divideFound(found, { repair, leaves });
  if (repaired > 0) await writeSegment(run, steps, await steps.stageRepairs({ runId, reconciliationId: id }));
  if (fewer + found.duplicated + left > 0) run.noteDrift();
}
