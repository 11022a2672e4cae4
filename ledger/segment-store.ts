import type { Rejection } from '../engine/errors.ts';
import type { Json, JsonObject } from '../engine/json.ts';
import type { ChangeKind, HoldReason } from '../engine/outcome.ts';
import type { RetryPolicy } from '../engine/retry-timing.ts';
import type { Shape } from '../engine/shape.ts';
import type { ClaimedBatch, ClaimInput } from './change-store.ts';

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
  /** How many pages of the segment go before this one: it is refused where another number was staged. Absent: any. */
  readonly pagesBefore?: number;
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
  /** Of who waits for work: what it would claim of the page, if it could. */
  readonly claims?: readonly ClaimInput[];
  readonly at: number;
}

export interface StagedPage {
  readonly staged: number;
  readonly seenAgain: number;
  /** Claimed with `claims`, in their order: as many as the page had batches that are as good as full, and nothing stood in the way of. A store may claim none. */
  readonly claimed: readonly ClaimedBatch[];
  /** Claimed with those that were left, of what was planned before the page. */
  readonly waited: readonly ClaimedBatch[];
}

/** A batch with so much of what it could hold is sent as it is: what is missing are records that were refused, or had nothing new. */
export const AS_GOOD_AS_FULL = 0.9;

export interface SegmentStore {
  /** Opens segment `index` (0, 1, …), beginning where the one before ended. Idempotent. */
  openSegment(runId: string, index: number, at: number): Promise<Segment>;
  readSegment(runId: string, index: number): Promise<Segment | undefined>;
  /** Makes `token` the only reader of the segment. @returns the segment as committed so far */
  claimReader(runId: string, index: number, token: string): Promise<Segment>;
  /**
   * Stages one page: sightings, changes, counters and cursor in one transaction. A key already seen in this run counts as seenAgain; its newer content replaces a
   * planned change, is ignored when equal or (by version, else by `observedAt`) older than what is planned, and is staged behind one that is sending or settled.
   * Pages that are asked for one behind the other, the next before the last is staged, are staged in that order.
   * Resets failuresWithoutProgress. What is claimed for `claims` is never planned: one write less for each record, and no second look for it.
   */
  stagePage(input: StagePageInput): Promise<StagedPage>;
  /** Ends the segment's reading. `aborted`: what is staged is still written, nothing more is read. */
  closeSegment(runId: string, index: number, token: string, end: { readonly state: 'complete' | 'aborted'; readonly isLast: boolean }): Promise<void>;
  /** Closes an open segment whatever token holds it (its reader failed for good). */
  abortSegment(runId: string, index: number): Promise<void>;
  /** Notes a failed attempt that made no progress. @returns how many in a row, and since when */
  countFailure(runId: string, index: number, at: number): Promise<{ readonly count: number; readonly sinceMs: number }>;
}
