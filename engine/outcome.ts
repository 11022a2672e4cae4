/** What should happen to one target record. `upsert` leaves the choice between create and update to the target. */
export const CHANGE_KINDS = ['create', 'update', 'upsert', 'delete'] as const;
export type ChangeKind = (typeof CHANGE_KINDS)[number];

/** What a sync may do to its target: create and update, create only, update only; or create, update, and take away what the source no longer has. */
export const SYNC_MODES = ['upsert', 'insert', 'update', 'mirror', 'archive'] as const;
export type SyncMode = (typeof SYNC_MODES)[number];

/** What became of a record in a run. Every distinct key taken by a run ends in exactly one of these. */
export const OUTCOMES = ['written', 'unchanged', 'superseded', 'skipped', 'rejected', 'held'] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** Why a record is held: its write got no answer, a reference is missing, or its key is taken by another. */
export const HOLD_REASONS = ['unknown', 'conflict', 'guard', 'missing-reference', 'duplicate-match-key'] as const;
export type HoldReason = (typeof HOLD_REASONS)[number];

/** The sums of one run, all counts of records unless named otherwise (design.md promise 6). */
export interface RunTotals {
  /** Distinct keys read by this run. */
  readonly read: number;
  /** Records tried again from earlier runs without being read from the source's list. */
  readonly retriedFromEarlier: number;
  /** Records met again on a later page of the same run; not part of the sum. */
  readonly seenAgain: number;
  readonly created: number;
  readonly updated: number;
  /** created + updated (+ written where the target does not say which). */
  readonly written: number;
  readonly unchanged: number;
  readonly superseded: number;
  readonly skipped: number;
  readonly rejected: number;
  readonly held: number;
  /** Records to be taken from the target, as the source no longer has them: deleted + deletesRejected + deletesHeld. */
  readonly deletesDue: number;
  /** Deleted, or archived. */
  readonly deleted: number;
  readonly deletesRejected: number;
  readonly deletesHeld: number;
  /** HTTP requests sent, reads and writes. */
  readonly requests: number;
  /** Requests repeated after a failure. */
  readonly retries: number;
  /** Answers with status 429. */
  readonly throttled: number;
  readonly pages: number;
  readonly segments: number;
  /** The source's own count of what there is to read, where it says. */
  readonly expected?: number;
}

export const ZERO_TOTALS: RunTotals = {
  read: 0,
  retriedFromEarlier: 0,
  seenAgain: 0,
  created: 0,
  updated: 0,
  written: 0,
  unchanged: 0,
  superseded: 0,
  skipped: 0,
  rejected: 0,
  held: 0,
  deletesDue: 0,
  deleted: 0,
  deletesRejected: 0,
  deletesHeld: 0,
  requests: 0,
  retries: 0,
  throttled: 0,
  pages: 0,
  segments: 0,
};

/** Both together; what a source announced is not summed. */
export function addTotals({ expected: _, ...one }: RunTotals, other: RunTotals): RunTotals {
  const sums = Object.entries(one).map(([name, count]) => [name, count + (new Map<string, number>(Object.entries(other)).get(name) ?? 0)] as const);
  return { ...ZERO_TOTALS, ...Object.fromEntries(sums) };
}
