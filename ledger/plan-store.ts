import type { PlannedRecord } from '../engine/as-planned.ts';

/** What became of some records of a run. */
export interface RunEnd {
  /** `done`: written; else an outcome, the reason for which they were skipped, `equal` (looked up, and found to be as they would be sent), `not-sent`, or `not-met`: the source showed them no more. */
  readonly found: string;
  readonly count: number;
  readonly sampleKeys: readonly string[];
}

/** The plan that a run is to keep to. */
export interface PlanStore {
  /** Adds records to the plan of a run. Idempotent by key. */
  addPlanned(runId: string, records: readonly (PlannedRecord & { readonly key: string })[]): Promise<void>;
  /** Those of the keys that are in the plan. */
  readPlanned(runId: string, keys: readonly string[]): Promise<ReadonlyMap<string, PlannedRecord>>;
  /** All keys of the plan, in order, at most `limit`. */
  listPlannedKeys(runId: string, limit: number): Promise<readonly string[]>;
  /** Of each record of the run's plan, or without one of all that it met: most first. Looked at when the run has ended, and before the next. */
  readEnds(runId: string): Promise<readonly RunEnd[]>;
}
