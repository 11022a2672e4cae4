import type { ChangeKind } from '../engine/outcome.ts';

/** How a run's time is cut: slot 0 begins at `from`, each takes `stepMs`. */
export interface TimelineCut {
  readonly from: number;
  readonly stepMs: number;
  /** Of the slowest requests, so many. */
  readonly slowest: number;
}

/** Records whose outcome was known in a slot: as in the books, with what was taken from the target apart (`deleted`). */
export interface SettledRecords {
  readonly slot: number;
  readonly outcome: string;
  readonly records: number;
}

/** Write requests of a slot (by when they were sent) that took the same time and were answered alike. */
export interface TimedRequests {
  readonly slot: number;
  /** Absent: no answer. */
  readonly status?: number;
  /** Until the answer, in whole milliseconds; absent: no answer. */
  readonly durationMs?: number;
  readonly requests: number;
}

export interface SlowRequest {
  readonly sentAt: number;
  readonly durationMs: number;
  readonly status?: number;
  readonly method: string;
  /** As sent: may hold the id of a record. */
  readonly path: string;
  readonly kind: ChangeKind;
  readonly segment: number;
  /** Changes of its batch. */
  readonly records: number;
}

export interface TimelineSegment {
  readonly index: number;
  readonly state: string;
  /** Of what is taken from the target, not of pages. */
  readonly isSweep: boolean;
  readonly openedAt: number;
  readonly pages: number;
  readonly records: number;
  /** When its last record known to be of it was read. */
  readonly readUntil?: number;
  /** Its first write request was sent; absent where it needed none. */
  readonly sentFrom?: number;
  readonly answeredUntil?: number;
}

/** What a run did when: counts and times, no value of a record. */
export interface RunTimeline {
  /** Records met at the source. Those that a later run has met since are missing here and, where they needed no change, in `settled`. */
  readonly read: readonly { readonly slot: number; readonly records: number }[];
  readonly settled: readonly SettledRecords[];
  readonly requests: readonly TimedRequests[];
  /** Batches that another writer took over, as the one that had sent them was gone. */
  readonly takenOver: readonly { readonly slot: number; readonly batches: number }[];
  /** Slowest first. */
  readonly slowest: readonly SlowRequest[];
  /** In their order. */
  readonly segments: readonly TimelineSegment[];
}

/** Runs as they went in time, from what is kept for other ends: reads what a sync has, so for a look back, not for each step of a run. */
export interface TimelineStore {
  /** @returns empty lists for a run that is unknown; less of one that was pruned */
  readTimeline(runId: string, cut: TimelineCut): Promise<RunTimeline>;
}
