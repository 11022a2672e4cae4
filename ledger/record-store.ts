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
