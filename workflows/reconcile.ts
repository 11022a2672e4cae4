import type { ReconcileInput, ReconcileResult } from '../activities/activities.ts';
import { reconcileStep } from './steps.ts';

/** Reads a target back and compares it with what was written there. Runs beside a live run of its sync. */
export function reconcileWorkflow(input: ReconcileInput): Promise<ReconcileResult> {
  return reconcileStep(input);
}
