import type { ErrorCode } from '../engine/errors.ts';
import type { GraphStep } from '../engine/graph.ts';
import type { ProjectRef, SyncRef } from '../engine/ids.ts';
import type { RunTotals } from '../engine/outcome.ts';
import type { FindingKind } from '../engine/reconcile.ts';
import type { Repairs } from '../engine/repairs.ts';
import type { RunControl, RunFailure, RunState, RunTrigger } from '../engine/run.ts';
import type { SlotPriority } from '../engine/slot-priority.ts';

/**
 * The durable steps of a run, as the workflows see them. Each may be repeated after a crash: what it commits is in the ledger, and a repetition
 * goes on from there. Inputs and results hold references and counts, never a record, a key or a cursor, because Temporal keeps them.
 */
export interface Activities {
  /** Loads and freezes the definition, opens the run. Idempotent for one workflow. */
  planRun(input: PlanRunInput): Promise<RunPlan>;
  /** Reads the lookup tables of the sync into the ledger. */
  fetchLookups(input: FetchLookupsInput): Promise<LookupsResult>;
  /** Reads one segment of the source: pages -> records -> map -> diff -> staged changes. Runs beside its segment's `writeBatches`. */
  pageSource(input: SegmentInput): Promise<PageSourceResult>;
  /** Writes what is staged in one segment until it is closed and drained, by the write protocol of design.md section 5. */
  writeBatches(input: SegmentInput): Promise<WriteBatchesResult>;
  /**
   * Of a run that has read all: finds what the source no longer has, asks for each once more, and stages its delete in a segment of its own. `guarded`: there is more than
   * may be deleted without asking; nothing is staged before it is called again with `isApproved`.
   */
  sweepDeletes(input: SweepDeletesInput): Promise<SweepDeletesResult>;
  /** A person refused the deletes: they are held. */
  denyDeletes(input: RunInput): Promise<void>;
  /** Reads the target back and compares it, record by record, with what was written there: what is missing, changed by others, duplicated, or extra. */
  reconcile(input: ReconcileInput): Promise<ReconcileResult>;
  /** Stages what such a comparison found missing or changed, to be written again. @returns the segment that `writeBatches` is asked for */
  stageRepairs(input: StageRepairsInput): Promise<number>;
  /** Ends a segment whose reader is gone for good, so that its writer can drain what was staged. */
  abortSegment(input: SegmentInput): Promise<void>;
  /** Reads which syncs the worker's project has, and which of them wait for which. */
  planGraph(input: PlanGraphInput): Promise<GraphPlan>;
  /** Counts the records of each sync that wait for references: those whose references are there by now, and the others. */
  countReferences(input: CountReferencesInput): Promise<readonly ReferenceCount[]>;
  /** A scheduled run failed: pauses its schedule, with a note, where its credentials were refused or it has failed so often in a row; one that is gone is let be. Idempotent. */
  judgeSchedule(input: JudgeScheduleInput): Promise<void>;
  /** Of a scheduled run that comes late: the time since the one before it, where the sync has read that already, so that it is read again by itself. */
  findTickWindow(input: FindTickWindowInput): Promise<TickWindow | undefined>;
  /** Writes pause, resume and tune to the run's row, where reader and writer see them. */
  adjustRun(input: AdjustRunInput): Promise<RunControl>;
  /** Advances the watermark, closes the books and the run. Always the last step, also after cancel and failure. */
  settleRun(input: SettleRunInput): Promise<SettleRunResult>;
  /**
   * Posts the counts of a run that has ended and the outcomes of its records, page by page, to the webhook that its definition names. Each message has an id of its own that
   * stays, however often it is sent: at least once.
   */
  sendResults(input: SendResultsInput): Promise<SendResultsResult>;
  /** Wakes the events workflow of each sync that has open events: whoever was to do so may have died. @returns how many */
  wakeSyncs(input: WakeSyncsInput): Promise<number>;
  /** After a run whose end says so: begins and ends incidents by the alert rules, and wakes whoever tells the channels. Idempotent. */
  notify(input: NotifyInput): Promise<void>;
  /** Begins and ends incidents by what is so without a run, and wakes whoever tells the channels. Idempotent. */
  watchAlerts(input: ProjectRef): Promise<void>;
  /**
   * Tells the channels what is due. Each is told once of the begin and once of the end of an incident; where the worker dies after a channel took a message and before that is
   * noted, it is sent a second time, under the same key. For one caller at a time.
   */
  sendAlerts(input: ProjectRef): Promise<SendAlertsResult>;
}

export interface RunInput {
  readonly runId: string;
}

export interface FetchLookupsInput extends RunInput {
  /** Names of lookups; absent: all. */
  readonly only?: readonly string[];
}

export interface SegmentInput extends RunInput {
  readonly segment: number;
}

export interface PlanRunInput extends RunInput {
  readonly ref: SyncRef;
  readonly trigger: RunTrigger;
  readonly definitionHash?: string;
  readonly useWorkerVersion?: boolean;
  /** Of a run that no client wrote down beforehand. */
  readonly options?: {
    readonly full?: boolean;
    readonly references?: boolean;
    readonly events?: boolean;
    readonly window?: { readonly from: string; readonly to: string };
  };
  /** Unchanged by continue-as-new: tells this run's executions from those of an earlier run under the same workflow id. */
  readonly firstExecutionRunId: string;
}

export interface FindTickWindowInput {
  readonly ref: SyncRef;
  /** When the run was due, as ISO time. */
  readonly dueAt: string;
}

/** Bounds as the source writes its cursor field. */
export interface TickWindow {
  readonly from: string;
  readonly to: string;
}

export interface RunPlan {
  readonly definitionHash: string;
  readonly hasLookups: boolean;
  /** What the source no longer has is taken from the target. */
  readonly takesAway?: boolean;
  /** The target is read back at the end of this run. */
  readonly reconciliation?: Repairs & {
    readonly id: string;
    readonly queue?: string;
    readonly samplePercent?: number;
    readonly isOfCounts?: boolean;
  };
  readonly maxSegmentsPerExecution: number;
  /** Of a run of events: it waits so long for others before it ends. */
  readonly lingerMs?: number;
  /** Absent where every worker talks to all connections. */
  readonly queues?: RunQueues;
  /** How its readers and writers stand in line for slots. Absent in plans of an older worker. */
  readonly slots?: SlotPriority;
  /** The worker's setting, fixed for this run. */
  readonly heartbeatTimeoutMs: number;
  /** Words for summaries: connection and object names. */
  readonly source: string;
  readonly target: string;
}

/** Of connections that only some workers talk to; absent where all do. */
export interface RunQueues {
  readonly source?: string;
  readonly target?: string;
  /** Each lookup once; without `only` all of them. */
  readonly lookups: readonly { readonly queue?: string; readonly only?: readonly string[] }[];
}

export interface LookupsResult {
  /** Entries by lookup. */
  readonly entries: Readonly<Record<string, number>>;
}

export interface PageSourceResult {
  /** `paused`: ask again for the same segment once the run is resumed. */
  readonly state: 'closed' | 'paused';
  readonly isLast: boolean;
  /** Of the whole run so far, for the Web UI. */
  readonly totals: RunTotals;
  /** Of a run of events. */
  readonly events?: EventsOutlook;
}

/** How it stands with the events of a sync when none was due. */
export interface EventsOutlook {
  /** What the source no longer has is to be taken from the target. */
  readonly hasGone: boolean;
  /** So soon others are due; absent where none are open. */
  readonly dueInMs?: number;
}

export interface WakeSyncsInput {
  readonly project: string;
  readonly profile: string;
  readonly hasSearchAttributes?: boolean;
}

export interface WriteBatchesResult {
  /** `yielded`: alive and well, ask again for the same segment. */
  readonly state: 'drained' | 'paused' | 'yielded';
}

export interface SweepDeletesInput extends RunInput {
  readonly isApproved: boolean;
}

export interface SweepDeletesResult {
  readonly state: 'none' | 'guarded' | 'staged';
  /** With `staged`: what `writeBatches` is asked for. */
  readonly segment?: number;
  /** As well, and before a person is asked: what stays is told again, as another record that was the same one in the target has gone. */
  readonly passedOn?: number;
  readonly due: number;
}

export interface ReconcileInput {
  readonly ref: SyncRef;
  /** Of this reconciliation: `d_…`. */
  readonly id: string;
  /** Of the run that ends with it. */
  readonly runId?: string;
  /** Absent: all records. */
  readonly samplePercent?: number;
  /** Only how many the target has. @default false */
  readonly isOfCounts?: boolean;
  /** The task queue of the target's connection, where it has one of its own. */
  readonly queue?: string;
}

export interface StageRepairsInput extends RunInput {
  readonly reconciliationId: string;
}

export interface ReconcileResult {
  readonly checked: number;
  readonly found: Readonly<Record<FindingKind, number>>;
  /** Where only counts were compared: records that the target has fewer than it was told of. */
  readonly fewer?: number;
}

export interface PlanGraphInput {
  readonly project: string;
  readonly profile: string;
  /** Of the starter's own definitions, by sync: refused where the worker has other syncs, unless `useWorkerVersion`. */
  readonly definitionHashes?: Readonly<Record<string, string>>;
  readonly useWorkerVersion?: boolean;
}

export interface GraphPlan {
  /** Each comes after all that it waits for. */
  readonly steps: readonly GraphStep[];
}

export interface CountReferencesInput {
  readonly project: string;
  readonly profile: string;
  readonly syncs: readonly string[];
}

export interface ReferenceCount {
  readonly sync: string;
  /** Records that a run would find references for. */
  readonly due: number;
  /** Records that go on waiting. */
  readonly open: number;
}

export interface JudgeScheduleInput extends RunInput {
  readonly ref: SyncRef;
  readonly code?: ErrorCode;
  readonly pauseAfterFailures?: number;
}

export interface AdjustRunInput extends RunInput {
  readonly control: Partial<RunControl>;
}

/** Trigger and options as of its plan: a run that never had one is written down with its end. */
export interface SettleRunInput extends RunInput, Partial<Pick<PlanRunInput, 'trigger' | 'options'>> {
  readonly ref: SyncRef;
  readonly ending: 'completed' | 'failed' | 'cancelled';
  /** Used where no activity left fuller words in the ledger. */
  readonly failure?: RunFailure;
}

export interface NotifyInput extends RunInput {
  readonly ref: SyncRef;
}

export interface SendAlertsResult {
  /** A channel was not told: it may be soon, or only when somebody has mended something. */
  readonly again?: 'soon' | 'later';
  /** When there is something to tell that is not to be told before, in milliseconds since the epoch. */
  readonly nextAt?: number;
}

export interface SettleRunResult {
  readonly state: RunState;
  readonly totals: RunTotals;
  /** A field that the sync uses has changed at the source. */
  readonly hasDrift?: true;
  /** Somebody wants to be told of its outcomes. */
  readonly hasResults?: true;
  /** There are alert rules, or open incidents. */
  readonly isToNotify?: true;
  /** Code and fixed sentence, fit for history. */
  readonly failure?: RunFailure;
}

/** A message of a run's results; `after` is the ledger's own, without a key. */
export interface ResultsPlace {
  readonly page: number;
  readonly after?: string;
}

export interface SendResultsInput {
  readonly ofRun: string;
  /** Where to go on. @default the first */
  readonly place?: ResultsPlace;
}

/** `again`: the message at `place` was not taken; soon, or later where that needs somebody to mend it. */
export type SendResultsResult = { readonly isDone: true } | { readonly isDone: false; readonly place: ResultsPlace; readonly again?: 'soon' | 'later' };
