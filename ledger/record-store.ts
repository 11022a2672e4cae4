import type { Rejection } from '../engine/errors.ts';
import type { JsonObject } from '../engine/json.ts';
import type { Outcome } from '../engine/outcome.ts';
import type { AwaitedReferences, ReferenceCounts } from './segment-store.ts';

export interface RecordState {
  readonly key: string;
  readonly targetId?: string;
  /** Of what the target was last told; absent where it was never told. */
  readonly contentHash?: string;
  readonly match?: string;
  readonly fields?: JsonObject;
  /** Fields that stay as others have them in the target, whatever they were told. */
  readonly kept?: readonly string[];
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

/** One target record, and the source records that are written to it. */
export interface SharedTarget {
  /** Tells it from others; in this order they are listed. */
  readonly ref: string;
  readonly targetId?: string;
  readonly match?: string;
  /** The one that the target was told last first. */
  readonly keys: readonly string[];
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

/** What was refused or held. */
export interface RefusedRecord {
  readonly key: string;
  /** As last read; absent of what a run told the target again by itself: nothing was read for its sake. */
  readonly source?: JsonObject;
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
  ): Promise<readonly RefusedRecord[]>;
  /** Records that wait for references, written without or held. */
  countAwaited(scope: string): Promise<ReferenceCounts>;
  /** `retriable`: what `listRejected` has. What the target was told of, `countTold` counts. */
  countRecords(scope: string): Promise<{
    readonly known: number;
    readonly rejected: number;
    readonly held: number;
    readonly retriable: number;
  }>;
  /** Keys whose last sighting was in this run, in key order: what a run of a few records took. */
  listRunKeys(scope: string, runId: string, limit: number): Promise<readonly string[]>;
  /** Target records that several source records were told as, so that each writes over the others. `afterRef`: goes on behind that one. One look through all records. */
  listShared(scope: string, page: { readonly afterRef?: string; readonly limit: number }): Promise<readonly SharedTarget[]>;
  /** What the target was told, in key order: for checks and exports. */
  listRecords(scope: string, page: { readonly afterKey?: string; readonly limit: number }): Promise<readonly RecordState[]>;
}
