import type { Rejection } from '../engine/errors.ts';
import type { JsonObject } from '../engine/json.ts';
import type { ChangeKind, HoldReason } from '../engine/outcome.ts';
import type { ToldFields } from '../engine/told-after.ts';
import type { RefusalTerms, RequestCost } from './segment-store.ts';

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
  /** Once it is written: by who sends it, where that is not just its fields. */
  readonly told?: ToldFields;
}

/** A job of the target that writes a batch. Its id is all that whoever comes next needs to go on with it. */
export interface BatchJob {
  /** The target's own. */
  readonly id: string;
  /** `open`: nothing of it may have been applied, and nobody may begin it any more once its batch was taken over; `begun`: it may be applied; `ended`: the target is done with it, and will show what came of it when it is due; `gone`: the target does not know it any more. */
  readonly state: 'open' | 'begun' | 'ended' | 'gone';
  /** When the target is asked about it next. */
  readonly dueAt: number;
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
  /** As noted last, by whoever held it. */
  readonly job?: BatchJob;
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
  /** A change whose version is older than what the target was told is out of date, whenever it was observed: a payload may be. @default false */
  readonly isByVersion?: boolean;
  /** What is claimed may be sent twice without harm: then a power cut may take the claim. @default false */
  readonly isRepeatable?: boolean;
  /** By which what the claim holds is tried again. */
  readonly terms: RefusalTerms;
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
  /** `told`: what the record keeps, in the place of the fields of its change. */
  | { readonly changeId: number; readonly outcome: 'written'; readonly created?: boolean; readonly targetId?: string; readonly told?: ToldFields }
  /** `unchanged`: with the id under which the target was found to have it. */
  | { readonly changeId: number; readonly outcome: 'unchanged'; readonly targetId?: string; readonly told?: ToldFields }
  | { readonly changeId: number; readonly outcome: 'superseded' }
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
  /** By its first holder, whoever sent it again since. */
  readonly claimedAt: number;
  readonly sendBy: number;
  /** The rest of what was sent: an answer told of the others. */
  readonly isPart: boolean;
  /** When its request was over, where its sender lived to see that. */
  readonly endedAt?: number;
  /** Who holds it, or held it last. */
  readonly token: string;
  readonly job?: BatchJob;
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
  /** Keeps with a batch the job that writes it, in the place of what was noted before; durable once resolved. Only the holder of the token may. */
  noteJob(input: {
    readonly batchId: string;
    readonly token: string;
    readonly job: BatchJob;
    readonly attempts: readonly SendAttempt[];
    readonly cost: RequestCost;
    readonly at: number;
  }): Promise<void>;
  /** Batches nobody settles: unknown ones, and `sending` ones whose token is not in `ownTokens`. Of the segment, and (with segment 0) of closed or abandoned runs of the scope. */
  listUnresolved(runId: string, segment: number, ownTokens: readonly string[]): Promise<readonly UnknownBatch[]>;
  /** Batches of other runs, of this sync or another, settled by nobody yet, that have target records in flight for which planned changes of the segment wait. */
  listBlocking(runId: string, segment: number): Promise<readonly UnknownBatch[]>;
  /**
   * Takes such a batch over with a new token and sendBy.
   * @param input.from the token that the caller last saw on it, its own or as listed: then nobody else may have taken it since
   * @param input.isRenewal no writer is gone: the caller's own claim is made young again, or only its answer was lost. Logs and stories then tell of no take-over
   * @throws CLAIM_LOST where it was settled or taken meanwhile
   */
  takeOver(input: {
    readonly batchId: string;
    readonly token: string;
    readonly sendBy: number;
    readonly at: number;
    readonly from?: string;
    readonly isRenewal?: boolean;
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
