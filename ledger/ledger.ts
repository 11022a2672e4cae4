import type { Rejection } from '../engine/errors.ts';
import type { Json, JsonObject } from '../engine/json.ts';
import type { ChangeKind, HoldReason, Outcome, RunTotals } from '../engine/outcome.ts';
import type { RetryPolicy } from '../engine/retry-timing.ts';
import type { RunControl, RunFailure, RunPhase, RunState, RunTrigger } from '../engine/run.ts';
import type { Shape } from '../engine/shape.ts';
import type { Sweep } from '../engine/sweep.ts';
import type { ConflictStore } from './conflict-store.ts';
import type { DeleteStore } from './delete-store.ts';
import type { DriftStore } from './drift-store.ts';
import type { LimitStore } from './limit-store.ts';
import type { PlanStore } from './plan-store.ts';
import type { ShapeStore } from './shape-store.ts';
import type { UnknownStore } from './unknown-store.ts';
import type { UpkeepStore } from './upkeep-store.ts';

/**
 * The durable memory of every sync: what was read, planned, sent and answered.
 * All times are milliseconds since the epoch, given by the caller. All methods are safe to call from several processes at once.
 * Every method may throw `SyncError` with code STORE_UNAVAILABLE (retry: backoff); others are named where they apply.
 * Methods that take a `token` throw `SyncError` CLAIM_LOST (retry: never) when another attempt holds what the token once held: they then change nothing.
 */
export interface Ledger
  extends DefinitionStore,
    RunStore,
    SegmentStore,
    ChangeStore,
    RecordStore,
    UnknownStore,
    DeleteStore,
    ConflictStore,
    DriftStore,
    PlanStore,
    ShapeStore,
    LookupStore,
    CredentialStore,
    LimitStore,
    UpkeepStore {
  close(): Promise<void>;
}

export interface DefinitionStore {
  /** Keeps a resolved definition (references, no secrets) by its content hash. Idempotent. */
  saveDefinition(hash: string, scope: string, body: Json, at: number): Promise<void>;
  /** @returns undefined where the hash is unknown */
  readDefinition(hash: string): Promise<Json | undefined>;
}

/** What a run was asked to do. Record keys stay here: workflows know the run id only. */
export interface RunOptions {
  /** Only these source records, by primary key; the cursor does not move. */
  readonly keys?: readonly string[];
  /** Only the first so many records; the cursor does not move. */
  readonly limit?: number;
  /** Ignores the watermark. */
  readonly full?: boolean;
  /** Tries the rejected records of earlier runs again: all, or only `keys`. */
  readonly retry?: boolean;
  /** With `retry`: only those that wait for references which are there by now. */
  readonly references?: boolean;
  /** Only what is in the plan of this run, as planned; it reads what the plan read. The cursor does not move. */
  readonly plan?: { readonly from?: string };
  /** Sends nothing: finds what the target has already, and knows it from then on. The cursor does not move. */
  readonly adopt?: boolean;
}

/** Why a run stands still at the moment, for people. */
export interface RunWait {
  readonly side: 'source' | 'target' | 'ledger';
  /** A fixed sentence without record values: `HubSpot asked to wait 30 s (429)`. */
  readonly reason: string;
  readonly untilMs: number;
}

export interface Window {
  /** The watermark less the lookback; absent: everything. An ISO time or whatever the cursor field holds. */
  readonly from?: string;
  readonly to?: string;
}

export interface Run {
  readonly id: string;
  readonly scope: string;
  readonly definitionHash?: string;
  readonly trigger: RunTrigger;
  readonly options: RunOptions;
  readonly state: RunState;
  readonly phase: RunPhase;
  readonly workflowId?: string;
  /** Temporal's first execution run id: unchanged by continue-as-new. Links to the Web UI. */
  readonly firstExecutionRunId?: string;
  readonly requestedAt: number;
  readonly startedAt?: number;
  readonly endedAt?: number;
  readonly window: Window;
  /** When the read began, by the source's clock where it tells one. */
  readonly readStartedAt?: number;
  readonly control: RunControl;
  readonly waits: readonly RunWait[];
  readonly failure?: RunFailure;
  /** Of a run whose mode takes away what the source no longer has. */
  readonly sweep?: Sweep;
  /** Live while the run is open (summed from its segments), frozen at its close (derived from rows). */
  readonly totals: RunTotals;
}

export interface OpenRunInput {
  readonly id: string;
  readonly scope: string;
  readonly definitionHash: string;
  readonly trigger: RunTrigger;
  readonly workflowId: string;
  readonly firstExecutionRunId: string;
  readonly window: Window;
  readonly at: number;
}

export interface RunStore {
  /** Writes down what a run is to do, before its workflow starts. Idempotent by id. */
  requestRun(run: {
    readonly id: string;
    readonly scope: string;
    readonly trigger: RunTrigger;
    readonly options: RunOptions;
    readonly at: number;
  }): Promise<void>;
  /**
   * Opens a run (requested earlier, or new). Idempotent for the same firstExecutionRunId. An open run of the scope with the same workflow id and
   * another firstExecutionRunId cannot be alive: it is closed as `abandoned`, its planned changes are dropped, its sent ones become unknown batches.
   * @throws RUN_CONFLICT where an open run of the scope belongs to another workflow id, or this run has ended
   */
  openRun(input: OpenRunInput): Promise<Run>;
  readRun(id: string): Promise<Run | undefined>;
  /** By unique prefix of the id, or `last`. @returns all that match, newest first, at most 10 */
  findRuns(scopePrefix: string, idPrefix: string): Promise<readonly Run[]>;
  /** Newest first. `scopePrefix` ends with `/` for all syncs of a project's profile, or is a whole scope. */
  listRuns(scopePrefix: string, limit: number): Promise<readonly Run[]>;
  setPhase(runId: string, phase: RunPhase): Promise<void>;
  /** Merges into the control row; readers and writers look at it at each durable step. Also sets state paused/running. @returns the merged control */
  adjustRun(runId: string, control: Partial<RunControl>): Promise<RunControl>;
  /** Null clears the wait of that side. */
  setWait(runId: string, side: RunWait['side'], wait: RunWait | null): Promise<void>;
  /** Adds requests, retries and 429s that belong to no segment (lookups). */
  addRunCost(runId: string, cost: RequestCost): Promise<void>;
  /** Keeps the failure that is about to end the run, in full words; `closeRun` without a failure keeps it. Temporal only learns its code. */
  noteFailure(runId: string, failure: RunFailure): Promise<void>;
  /** Keeps when the read began by the source's own clock. The first call of a run wins. */
  setReadStart(runId: string, at: number): Promise<void>;
  /** Sets what the source says it holds. */
  setExpected(runId: string, expected: number): Promise<void>;
  /**
   * The books, derived from rows (read side from segment counters, outcomes from sightings and changes): not from what activities reported. What is sent and not
   * answered is held. Of a run that has ended: its frozen totals.
   */
  deriveTotals(runId: string): Promise<RunTotals>;
  /** Closes the run and freezes its totals. Idempotent. Leftover planned changes are dropped, sent ones are unknown, open segments aborted. */
  closeRun(runId: string, end: { readonly state: RunState; readonly failure?: RunFailure; readonly totals: RunTotals; readonly at: number }): Promise<void>;
  /** The watermark of a scope; undefined before the first completed incremental run. */
  readWatermark(scope: string): Promise<{ readonly value: string; readonly fullReadAt?: number } | undefined>;
  saveWatermark(scope: string, watermark: { readonly value: string; readonly fullReadAt?: number }, at: number): Promise<void>;
}

/** Requests made since the last commit: added to the counters in the same transaction. */
export interface RequestCost {
  readonly requests: number;
  readonly retries: number;
  readonly throttled: number;
}

export interface Segment {
  readonly runId: string;
  readonly index: number;
  readonly state: 'open' | 'complete' | 'aborted';
  /** Where the next page of this segment begins; undefined: the first page of the source. Survives kills. */
  readonly cursor: Json | undefined;
  /** True when the source has no more pages after this segment. */
  readonly isLast: boolean;
  readonly records: number;
  readonly bytes: number;
  readonly pages: number;
  readonly openedAt: number;
  /** The largest value of the incremental field read so far in this run up to this segment. */
  readonly maxCursorValue: string | undefined;
  readonly failuresWithoutProgress: number;
  readonly firstFailureAt: number | undefined;
}

/** What a record refers to and is not there. */
export interface AwaitedReferences {
  readonly references: readonly { readonly scope: string; readonly key: string }[];
  /** Of what it is written with instead; absent where it is held. */
  readonly contentHash?: string;
  /** The source record as read: what is mapped again once they are there. */
  readonly source: JsonObject;
}

/** Records that wait for references: `due` where they are there by now, and a run would set them. */
export interface ReferenceCounts {
  readonly due: number;
  readonly open: number;
}

/** One record of a page after mapping and diff. */
export type StagedRecord = StagedDisposition & { readonly awaits?: AwaitedReferences };

type StagedDisposition =
  | { readonly disposition: 'change'; readonly key: string; readonly change: StagedChange }
  | { readonly disposition: 'unchanged'; readonly key: string }
  | { readonly disposition: 'skipped'; readonly key: string; readonly reason: string }
  | {
      readonly disposition: 'rejected';
      readonly key: string;
      readonly rejection: Rejection;
      readonly source: JsonObject;
      readonly contentHash: string /** True: already known from an earlier run, same content: counted, not written down again. */;
      readonly isRepeat: boolean;
    }
  | { readonly disposition: 'held'; readonly key: string; readonly reason: HoldReason; readonly message: string; readonly source: JsonObject };

/** When what a run refuses or holds is tried again by later ones. */
export interface RefusalTerms extends RetryPolicy {
  /** Of source, mapping and lookups: a record that was refused under another one is tried again. */
  readonly mappingHash: string;
}

export interface StagedChange {
  readonly kind: ChangeKind;
  /** Target fields, as mapped. */
  readonly fields: JsonObject;
  /** SHA-256 of fields and definition of the mapping: equal means nothing to send. */
  readonly contentHash: string;
  /** The value of the match key. */
  readonly match: string;
  readonly targetId?: string;
  /** The source record as read: what a later retry maps again. */
  readonly source: JsonObject;
  /** Value of the incremental field, if any. */
  readonly sourceVersion?: string;
  /** Bytes of the JSON of fields, for batch limits. */
  readonly bytes: number;
}

export interface StagePageInput {
  readonly runId: string;
  readonly segment: number;
  readonly token: string;
  /** `account/object` of the target: with the match value it names the one target record. */
  readonly targetScope: string;
  readonly records: readonly StagedRecord[];
  /** Records tried again from earlier runs, not read from the source's list. */
  readonly isRetry: boolean;
  readonly terms: RefusalTerms;
  /** The cursor after this page, and whether it was the last. */
  readonly nextCursor: Json | undefined;
  readonly isLast: boolean;
  /** When the page's request was sent. */
  readonly observedAt: number;
  /** The largest value of the incremental field on this page. */
  readonly maxCursorValue?: string;
  readonly bytes: number;
  /** Of all that the segment has read so far, this page with it: takes the place of what was kept before. */
  readonly shape?: Shape;
  readonly cost: RequestCost;
  /** Encrypt payloads at rest. */
  readonly isSealed: boolean;
  readonly at: number;
}

export interface SegmentStore {
  /** Opens segment `index` (0, 1, …), beginning where the one before ended. Idempotent. */
  openSegment(runId: string, index: number, at: number): Promise<Segment>;
  readSegment(runId: string, index: number): Promise<Segment | undefined>;
  /** Makes `token` the only reader of the segment. @returns the segment as committed so far */
  claimReader(runId: string, index: number, token: string): Promise<Segment>;
  /**
   * Stages one page: sightings, changes, counters and cursor in one transaction. A key already seen in this run counts as seenAgain; its newer content replaces a
   * planned change, is ignored when equal or (by version, else by `observedAt`) older than what is planned, and is staged behind one that is sending or settled.
   * Resets failuresWithoutProgress.
   */
  stagePage(input: StagePageInput): Promise<{ readonly staged: number; readonly seenAgain: number }>;
  /** Ends the segment's reading. `aborted`: what is staged is still written, nothing more is read. */
  closeSegment(runId: string, index: number, token: string, end: { readonly state: 'complete' | 'aborted'; readonly isLast: boolean }): Promise<void>;
  /** Closes an open segment whatever token holds it (its reader failed for good). */
  abortSegment(runId: string, index: number): Promise<void>;
  /** Notes a failed attempt that made no progress. @returns how many in a row, and since when */
  countFailure(runId: string, index: number, at: number): Promise<{ readonly count: number; readonly sinceMs: number }>;
}

export interface ClaimedChange {
  readonly id: number;
  readonly key: string;
  readonly kind: ChangeKind;
  readonly fields: JsonObject;
  readonly match: string;
  readonly targetId?: string;
  readonly contentHash: string;
  /** Value of the incremental field, or of the conflict rule's source time. */
  readonly sourceVersion?: string;
  /** Batches that it was part of before this one. */
  readonly earlierBatches: number;
}

export interface ClaimedBatch {
  readonly id: string;
  readonly token: string;
  readonly kind: ChangeKind;
  readonly changes: readonly ClaimedChange[];
  /** Requests that this batch has cost so far. */
  readonly attempts: number;
  /** Nothing may be dispatched after this time. */
  readonly sendBy: number;
}

export interface ClaimInput {
  readonly runId: string;
  readonly segment: number;
  readonly batchId: string;
  readonly token: string;
  readonly maxRecords: number;
  readonly maxBytes: number;
  /** Per kind, where limits differ. */
  readonly maxRecordsByKind?: Readonly<Partial<Record<ChangeKind, number>>>;
  readonly maxBytesByKind?: Readonly<Partial<Record<ChangeKind, number>>>;
  /** The claim's request must be dispatched before this time. */
  readonly sendBy: number;
  /** What becomes of a create whose record exists by now. @default 'update' */
  readonly ifExists?: 'update' | 'skip';
  /** What is claimed may be sent twice without harm: then a power cut may take the claim. @default false */
  readonly isRepeatable?: boolean;
  readonly at: number;
}

/** What is left to do in a segment, in changes. `unknown`: of batches whose answer was lost. `isClosed`: nothing more will be staged. */
export interface Backlog {
  readonly planned: number;
  readonly inFlight: number;
  readonly unknown: number;
  readonly isClosed: boolean;
}

export type ClaimResult =
  | { readonly state: 'claimed'; readonly batch: ClaimedBatch }
  /** Nothing to send now; changes still planned wait for a target record that is in flight. */
  | { readonly state: 'empty' };

/** One request of a batch, for the record's history. */
export interface SendAttempt {
  readonly sentAt: number;
  readonly answeredAt?: number;
  /** HTTP status; absent: no answer. */
  readonly status?: number;
  /** The API's own request id, if it gave one. */
  readonly requestId?: string;
  readonly method: string;
  readonly path: string;
  /** A fixed sentence: `no answer within 30 s`, `connection reset`. */
  readonly failure?: string;
}

export type ChangeOutcome =
  | { readonly changeId: number; readonly outcome: 'written'; readonly created?: boolean; readonly targetId?: string }
  /** `unchanged`: with the id under which the target was found to have it. */
  | { readonly changeId: number; readonly outcome: 'unchanged' | 'superseded'; readonly targetId?: string }
  | { readonly changeId: number; readonly outcome: 'rejected'; readonly rejection: Rejection }
  | { readonly changeId: number; readonly outcome: 'held'; readonly reason: HoldReason; readonly message: string }
  /** Not to be sent in the mode of its sync: `exists`, with the id that was found, or `not-in-target`. */
  | { readonly changeId: number; readonly outcome: 'skipped'; readonly reason: string; readonly targetId?: string }
  /** Goes back to planned: surely not applied. With `batchLimit` it is claimed only with the others of its `group` (halving a refused batch); with `kind` it becomes another kind of change (found by search: update). */
  | {
      readonly changeId: number;
      readonly outcome: 'again';
      readonly batchLimit?: number;
      readonly group?: string;
      readonly kind?: ChangeKind;
      readonly targetId?: string;
    };

export interface SettleInput {
  readonly batchId: string;
  readonly token: string;
  readonly outcomes: readonly ChangeOutcome[];
  readonly terms: RefusalTerms;
  readonly attempts: readonly SendAttempt[];
  readonly cost: RequestCost;
  readonly at: number;
}

export interface UnknownBatch {
  readonly id: string;
  readonly runId: string;
  readonly kind: ChangeKind;
  readonly size: number;
  /** `sending` of an attempt that is gone, or `unknown` (its answer was lost). */
  readonly state: 'sending' | 'unknown';
  readonly sendBy: number;
  /** When its request was over, where its sender lived to see that. */
  readonly endedAt?: number;
  /** Who holds it, or held it last. */
  readonly token: string;
}

export interface ChangeStore {
  /**
   * Claims the oldest planned changes of one kind in the segment: `planned -> sending`, one batch row with token and sendBy, in one transaction. Skips changes whose
   * target record (targetScope + match) is in flight or unknown, in any run. Settles on the way, without claiming, those that the ledger meanwhile knows as equal
   * (`unchanged`) or newer (`superseded`). What exists by then is not created: such a create is claimed as an update, with the target id that is known, or held.
   */
  claimBatch(input: ClaimInput): Promise<ClaimResult>;
  /** Cheap: looked at before a permit is taken. */
  readBacklog(runId: string, segment: number): Promise<Backlog>;
  /** True while `token` still holds the batch. */
  holdsBatch(batchId: string, token: string): Promise<boolean>;
  /** Settles every change of the batch, and the ledger's truth about its records, in one transaction. A change of the batch that `outcomes` omits stays unknown with the batch. */
  settleBatch(input: SettleInput): Promise<void>;
  /** The answer was lost: the batch keeps its claims on target records until it is resolved. */
  markUnknown(input: {
    readonly batchId: string;
    readonly token: string;
    readonly attempts: readonly SendAttempt[];
    readonly cost: RequestCost;
    readonly at: number;
  }): Promise<void>;
  /** Batches nobody settles: unknown ones, and `sending` ones whose token is not in `ownTokens`. Of the segment, and (with segment 0) of closed or abandoned runs of the scope. */
  listUnresolved(runId: string, segment: number, ownTokens: readonly string[]): Promise<readonly UnknownBatch[]>;
  /** Batches of other syncs, settled by nobody yet, that have target records in flight for which planned changes of the segment wait. */
  listBlocking(runId: string, segment: number): Promise<readonly UnknownBatch[]>;
  /**
   * Takes such a batch over with a new token and sendBy.
   * @param input.from the token that the caller last saw on it, its own or as listed: then nobody else may have taken it since
   * @throws CLAIM_LOST where it was settled or taken meanwhile
   */
  takeOver(input: {
    readonly batchId: string;
    readonly token: string;
    readonly sendBy: number;
    readonly at: number;
    readonly from?: string;
  }): Promise<ClaimedBatch>;
  /** The target refused a batch as too large (413): no batch of that kind holds more from now on, whoever writes. Lowers what was learned after `since`, replaces what is older. */
  learnBatchLimit(limit: {
    readonly targetScope: string;
    readonly kind: ChangeKind;
    readonly maxBytes: number;
    readonly since: number;
    readonly at: number;
  }): Promise<void>;
  /** What was learned after `since`, in bytes by kind. */
  readBatchLimits(targetScope: string, since: number): Promise<Readonly<Partial<Record<ChangeKind, number>>>>;
}

export interface RecordState {
  readonly key: string;
  readonly targetId?: string;
  /** Of what the target was last told; absent where it was never told. */
  readonly contentHash?: string;
  readonly match?: string;
  readonly fields?: JsonObject;
  readonly sourceVersion?: string;
  readonly lastOutcome?: Outcome;
  /** The content last rejected, so that the same is not sent again. */
  readonly rejectedHash?: string;
  readonly rejection?: Rejection;
  /** When a rejection that may pass is tried again. */
  readonly retryAt?: number;
  /** A write whose answer was lost, not yet resolved. */
  readonly hasUnknown: boolean;
  /** The sync created it in the target, and did not only find it there; told by `listRecords` alone. */
  readonly isCreated?: boolean;
}

export interface RecordEvent {
  readonly at: number;
  readonly runId: string;
  /** first-seen, staged, claimed, sent, answered, unknown, taken-over, dropped, resolved (by a person), deleted, archived, an outcome (written, unchanged, superseded, rejected, held, skipped), last-seen */
  readonly event: string;
  readonly text: string;
  readonly details: JsonObject;
}

export interface RecordHistory {
  readonly state: RecordState;
  readonly firstSeenAt: number;
  readonly lastSeenAt: number;
  readonly lastSeenRun: string;
  /** What it waits for: held, or written without. Absent where it waits for nothing. */
  readonly awaits?: AwaitedReferences['references'];
  /** Oldest first. */
  readonly events: readonly RecordEvent[];
}

export interface RejectionGroup {
  readonly reason: string;
  readonly field?: string;
  readonly message: string;
  readonly apiCode?: string;
  readonly count: number;
  readonly sampleKeys: readonly string[];
}

export interface RecordStore {
  /** States of those keys that are known. */
  readRecords(scope: string, keys: readonly string[]): Promise<ReadonlyMap<string, RecordState>>;
  /** The whole story of one record; undefined where the ledger never met it. */
  readHistory(scope: string, by: { readonly key: string } | { readonly match: string }): Promise<RecordHistory | undefined>;
  /** Records whose last outcome is rejected (or held), grouped by reason, field and message, most first. Messages that differ only in quoted values or numbers are one group. */
  groupRejections(scope: string): Promise<readonly RejectionGroup[]>;
  /**
   * What is rejected, or held for another reason than a lost answer, in key order after `afterKey`, with the source record as last read: for a retry run.
   * @param page.due only what a run tries by itself: its pause is over at `at`, or it was refused under another mapping; also what was held for an answer that is known by now,
   * and what was written without a reference that is there by now
   * @param page.references only what waits for references that are there by now
   */
  listRejected(
    scope: string,
    page: {
      readonly afterKey?: string;
      readonly limit: number;
      readonly keys?: readonly string[];
      readonly due?: { readonly at: number; readonly mappingHash: string };
      readonly references?: boolean;
    },
  ): Promise<readonly { readonly key: string; readonly source: JsonObject }[]>;
  /** Records that wait for references, written without or held. */
  countAwaited(scope: string): Promise<ReferenceCounts>;
  /** `retriable`: what `listRejected` has. */
  countRecords(scope: string): Promise<{
    readonly known: number;
    readonly written: number;
    readonly rejected: number;
    readonly held: number;
    readonly retriable: number;
  }>;
  /** Keys whose last sighting was in this run, in key order: what a run of a few records took. */
  listRunKeys(scope: string, runId: string, limit: number): Promise<readonly string[]>;
  /** What the target was told, in key order: for checks and exports. */
  listRecords(scope: string, page: { readonly afterKey?: string; readonly limit: number }): Promise<readonly RecordState[]>;
}

export interface LookupStore {
  /** Adds entries to a run's lookup table (value -> id). Idempotent: a page written twice counts once. */
  addLookupEntries(runId: string, lookup: string, entries: readonly { readonly value: string; readonly id: Json }[]): Promise<void>;
  /** For each value found: its distinct ids (at most 3). */
  findLookupEntries(runId: string, lookup: string, values: readonly string[]): Promise<ReadonlyMap<string, readonly Json[]>>;
  countLookupEntries(runId: string, lookup: string): Promise<number>;
  /** Forgets the lookup tables of a run. */
  dropLookups(runId: string): Promise<void>;
}

/** Rotated tokens. Always encrypted at rest. */
export interface CredentialStore {
  readCredential(account: string, name: string): Promise<JsonObject | undefined>;
  saveCredential(account: string, name: string, value: JsonObject, at: number): Promise<void>;
  /** Runs `work` while no other process holds the lock of that account (a lease in the store, taken over when its holder died). */
  withCredentialLock<Result>(account: string, work: () => Promise<Result>): Promise<Result>;
}
