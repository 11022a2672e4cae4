import type { PlannedRecord } from '../engine/as-planned.ts';

/** What became of the records of a plan that its run did not do. */
export interface PlanEnd {
  /** Done as planned. */
  readonly done: number;
  /** By what was found instead: an outcome, a reason for which it was skipped, or `not-met`: the source showed it no more. Most first. */
  readonly others: readonly { readonly found: string; readonly count: number; readonly sampleKeys: readonly string[] }[];
}

/** The plan that a run is to keep to. */
export interface PlanStore {
  /** Adds records to the plan of a run. Idempotent by key. */
  addPlanned(runId: string, records: readonly (PlannedRecord & { readonly key: string })[]): Promise<void>;
  /** Those of the keys that are in the plan. */
  readPlanned(runId: string, keys: readonly string[]): Promise<ReadonlyMap<string, PlannedRecord>>;
  /** All keys of the plan, in order, at most `limit`. */
  listPlannedKeys(runId: string, limit: number): Promise<readonly string[]>;
  /** Looked at when the run has ended. */
  readPlanEnd(runId: string): Promise<PlanEnd>;
}
