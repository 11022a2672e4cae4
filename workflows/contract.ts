import type { SyncRef } from '../engine/ids.ts';
import type { RunTotals } from '../engine/outcome.ts';
import type { RunControl, RunFailure, RunPhase, RunState, RunTrigger } from '../engine/run.ts';

/** Names and shapes that the client and the workflows share. No Temporal import, so that either side may read it. */
export const SYNC_WORKFLOW = 'syncWorkflow';
export const RECONCILE_WORKFLOW = 'reconcileWorkflow';
export const PAUSE_SIGNAL = 'pause';
export const RESUME_SIGNAL = 'resume';
export const TUNE_UPDATE = 'tune';
/** A person approves or refuses the deletes that a run waits with. */
export const DECIDE_DELETES_UPDATE = 'decideDeletes';
export const PROGRESS_QUERY = 'progress';

/** Search attributes, all of type keyword; the product runs without where they can't be registered. */
export const SEARCH_ATTRIBUTES = ['SynclineSync', 'SynclinePhase', 'SynclineTrigger', 'SynclineOutcome'] as const;

export interface SyncInput {
  readonly ref: SyncRef;
  readonly runId: string;
  readonly trigger: RunTrigger;
  /** The hash of the starter's own definition; the run stops where the worker's differs, unless `useWorkerVersion`. */
  readonly definitionHash?: string;
  readonly useWorkerVersion?: boolean;
  /** Search attributes are registered on this server. */
  readonly hasSearchAttributes?: boolean;
  /** Set by continue-as-new only. */
  readonly continued?: SyncProgressState;
}

/** What an execution hands to the next. JSON-plain. */
export interface SyncProgressState {
  readonly nextSegment: number;
  readonly paused: boolean;
}

export interface SyncResult {
  readonly runId: string;
  readonly state: RunState;
  readonly totals: RunTotals;
}

export interface SyncProgress {
  readonly runId: string;
  readonly phase: RunPhase;
  readonly paused: boolean;
  readonly segment: number;
  readonly totals: RunTotals;
  readonly failure?: RunFailure;
}

/** As the activity takes it. */
export interface ReconcileRequest {
  readonly ref: SyncRef;
  readonly id: string;
  readonly samplePercent?: number;
}

export interface DeletesDecision {
  readonly runId: string;
  readonly isApproved: boolean;
}

export type TuneInput = Omit<RunControl, 'paused'>;
