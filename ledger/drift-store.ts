import type { ChangeKind } from '../engine/outcome.ts';
import type { FieldDrift, FieldTally, FindingKind, LearnedFormats } from '../engine/reconcile.ts';

/** One record that is not in the target as it was written. */
export interface Finding {
  readonly kind: FindingKind;
  /** Of the source record; absent of an extra one. */
  readonly key?: string;
  readonly match?: string;
  readonly targetId?: string;
  /** Of a changed one. */
  readonly fields: readonly FieldDrift[];
}

/** One comparison of the target with what was written there. */
export interface Reconciliation {
  readonly id: string;
  readonly scope: string;
  readonly startedAt: number;
  /** Absent while it goes on, or where it failed. */
  readonly endedAt?: number;
  /** Where it goes on after a crash: the last key compared. */
  readonly afterKey: string;
  readonly checked: number;
  readonly found: Readonly<Record<FindingKind, number>>;
  readonly tally: FieldTally;
  readonly formats: LearnedFormats;
  /** Where only how many there are was compared. */
  readonly counts?: TargetCounts;
}

export interface TargetCounts {
  /** Records that the target was told of. */
  readonly told: number;
  readonly inTarget: number;
}

export interface DriftStore {
  /** Begins it, or goes on with it: idempotent by id. Formats learned before are known. */
  beginReconciliation(input: { readonly id: string; readonly scope: string; readonly at: number }): Promise<Reconciliation>;
  /** Adds what a page of records showed, in one transaction with the place where to go on. */
  addFindings(
    id: string,
    page: {
      readonly afterKey: string;
      readonly checked: number;
      readonly findings: readonly Finding[];
      readonly tally: FieldTally;
      readonly isSealed: boolean;
    },
  ): Promise<void>;
  /** Ends it: keeps the formats learned, and drops what is explained by them. @returns as it is now */
  endReconciliation(id: string, end: { readonly formats: LearnedFormats; readonly counts?: TargetCounts }, at: number): Promise<Reconciliation>;
  /** By its id, also while it goes on. */
  findReconciliation(id: string): Promise<Reconciliation | undefined>;
  /** The latest that ended. */
  readReconciliation(scope: string): Promise<Reconciliation | undefined>;
  /** In the order they were found, after number `after`. */
  listFindings(id: string, page: { readonly after?: number; readonly limit: number }): Promise<readonly (Finding & { readonly number: number })[]>;
  /** Of these match values, those that some sync wrote to that target object. */
  knownMatches(targetScope: string, matches: readonly string[]): Promise<ReadonlySet<string>>;
  /**
   * Stages what the target was told of each record found missing or changed, to be written again, in a segment of its own that is closed. Idempotent.
   * @returns the segment's index
   */
  stageRepairs(input: {
    readonly runId: string;
    readonly reconciliationId: string;
    readonly targetScope: string;
    readonly kinds: { readonly missing: ChangeKind; readonly changed: ChangeKind };
    readonly isSealed: boolean;
    readonly at: number;
  }): Promise<number>;
  /** What the target was told of these records is no longer believed: the next read of them is sent again, and a missing one is created anew. */
  doubtTold(scope: string, records: readonly { readonly key: string; readonly isMissing: boolean }[]): Promise<void>;
}
