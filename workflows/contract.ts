import type { BackfillRange } from '../engine/backfill-range.ts';
import type { ErrorCode } from '../engine/errors.ts';
import type { SyncRef } from '../engine/ids.ts';
import type { RunTotals } from '../engine/outcome.ts';
import type { RunControl, RunFailure, RunPhase, RunState, RunTrigger } from '../engine/run.ts';

export { WAKE_SIGNAL } from '../engine/wake-up.ts';

/** Names and shapes that the client and the workflows share. No Temporal import, so that either side may read it. */
export const SYNC_WORKFLOW = 'syncWorkflow';
export const RECONCILE_WORKFLOW = 'reconcileWorkflow';
export const GRAPH_WORKFLOW = 'graphWorkflow';
export const SCHEDULED_WORKFLOW = 'scheduledWorkflow';
export const BACKFILL_WORKFLOW = 'backfillWorkflow';
export const ALERTS_WORKFLOW = 'alertsWorkflow';
export const WATCH_WORKFLOW = 'watchWorkflow';
export const WAKE_WORKFLOW = 'wakeWorkflow';
export const RESULTS_WORKFLOW = 'resultsWorkflow';
export const PAUSE_SIGNAL = 'pause';
export const RESUME_SIGNAL = 'resume';
export const TUNE_UPDATE = 'tune';
/** A person approves or refuses the deletes that a run waits with. */
export const DECIDE_DELETES_UPDATE = 'decideDeletes';
export const PROGRESS_QUERY = 'progress';
/** How far each sync of a graph is; also answered when it has ended. */
export const GRAPH_QUERY = 'graph';
/** How far a backfill is; also answered when it has ended. */
export const BACKFILL_QUERY = 'backfill';

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
  /** What a run that no client wrote down beforehand is to do. Holds no keys: they stay in the ledger. */
  readonly options?: AskedOptions;
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

/** Of a run that a workflow starts. */
export interface AskedOptions {
  /** Reads everything, whatever the cursor says. */
  readonly full?: boolean;
  /** Only the records that wait for references which are there by now. */
  readonly references?: boolean;
  /** Only the records that deliveries name. */
  readonly events?: boolean;
  /** Only this, beside the live run. */
  readonly window?: TimeWindow;
}

/** Bounds as the source writes its cursor field; the first is included. */
export interface TimeWindow {
  readonly from: string;
  readonly to: string;
}

/** What becomes of a scheduled run while another run of its sync is alive. */
export type Overlap = 'skip' | 'buffer-one' | 'buffer-all' | 'cancel-other';

export interface ScheduledInput {
  readonly ref: SyncRef;
  readonly overlap: Overlap;
  /** The schedule is paused after so many failures in a row. */
  readonly pauseAfterFailures?: number;
  readonly hasSearchAttributes?: boolean;
  /** Of the schedule as the definition has it: tells whether it was applied. */
  readonly applied: string;
}

export interface ScheduledResult {
  /** `skipped`: another run of the sync was alive. */
  readonly state: RunState | 'skipped';
  readonly runId?: string;
}

/** Of the workflow that sends alerts. */
export interface AlertsInput {
  readonly project: string;
  readonly profile: string;
  /** Set by continue-as-new only: when it was last woken. */
  readonly since?: number;
}

/** Of the workflow that judges alert rules without a run. */
export interface WatchInput {
  readonly project: string;
  readonly profile: string;
  /** Of its schedule: tells whether it was applied. */
  readonly applied: string;
}

/** Of a project on a profile. */
export interface WakeInput {
  readonly project: string;
  readonly profile: string;
  readonly hasSearchAttributes?: boolean;
  /** Of the schedule as it is wanted: tells whether it was applied. */
  readonly applied: string;
}

/** All syncs of a project on a profile. */
export interface GraphInput {
  readonly project: string;
  readonly profile: string;
  /** Of the starter's own definitions, by sync: as in SyncInput. */
  readonly definitionHashes?: Readonly<Record<string, string>>;
  readonly useWorkerVersion?: boolean;
  readonly hasSearchAttributes?: boolean;
  readonly full?: boolean;
}

/** `in-use`: another run of the sync is alive, and its end is waited for. `skipped`: what it depends on did not end well. */
export type GraphSyncState = 'waiting' | 'in-use' | 'running' | 'done' | 'failed' | 'skipped' | 'cancelled';

export interface GraphSync {
  readonly sync: string;
  /** What it waits for. */
  readonly after: readonly string[];
  readonly state: GraphSyncState;
  readonly runId?: string;
  /** Why it failed or was skipped, in a sentence without record values. */
  readonly because?: string;
  readonly code?: ErrorCode;
  /** The runs that set references afterwards. */
  readonly secondRuns: readonly string[];
  /** Records that go on waiting for references. */
  readonly openReferences: number;
}

export interface GraphProgress {
  readonly phase: 'planning' | 'syncing' | 'references' | 'done';
  /** In the order of the graph. */
  readonly syncs: readonly GraphSync[];
}

export interface BackfillInput {
  readonly ref: SyncRef;
  readonly range: BackfillRange;
  /** Windows at once. */
  readonly parallel: number;
  readonly definitionHash?: string;
  readonly useWorkerVersion?: boolean;
  readonly hasSearchAttributes?: boolean;
  /** Windows begun before an execution continues as new. @default 500 */
  readonly windowsPerExecution?: number;
  /** Set by continue-as-new only. */
  readonly continued?: BackfillState;
}

/** What an execution hands to the next. JSON-plain. */
export interface BackfillState {
  /** The first window not begun. */
  readonly next: number;
  readonly done: number;
  readonly paused: boolean;
  /** Failed without one between that went well. */
  readonly failedInARow: number;
  readonly failedCount: number;
  /** The first of them. */
  readonly failed: readonly FailedWindow[];
  /** Of the windows that have ended. */
  readonly totals: RunTotals;
}

export interface FailedWindow extends TimeWindow {
  readonly runId: string;
  /** Absent: somebody cancelled its run. */
  readonly code?: ErrorCode;
  /** In a sentence without record values. */
  readonly because: string;
}

export interface BackfillProgress extends BackfillState {
  /** `stopped`: too many windows failed, and no other was begun. */
  readonly phase: 'running' | 'stopped' | 'done' | 'cancelled';
  readonly range: BackfillRange;
  readonly windows: number;
  readonly running: readonly (TimeWindow & { readonly runId: string })[];
}

/** Of a run that has ended. */
export interface ResultsInput {
  readonly ref: SyncRef;
  readonly ofRun: string;
  /** Set by continue-as-new only: where to go on. */
  readonly place?: { readonly page: number; readonly after?: string };
  /** Set by continue-as-new only: when something was taken last. */
  readonly since?: number;
}

/** As the activity takes it. */
export interface ReconcileRequest {
  readonly ref: SyncRef;
  readonly id: string;
  readonly samplePercent?: number;
  readonly isOfCounts?: boolean;
  /** The task queue of the target's connection, where it has one of its own. */
  readonly queue?: string;
}

export interface DeletesDecision {
  readonly runId: string;
  readonly isApproved: boolean;
}

export type TuneInput = Omit<RunControl, 'paused'>;
