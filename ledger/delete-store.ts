import type { JsonObject } from '../engine/json.ts';
import type { ChangeKind } from '../engine/outcome.ts';
import type { Sweep } from '../engine/sweep.ts';

/** A record that the source no longer has. */
export interface MissingRecord {
  readonly key: string;
  readonly targetId?: string;
  readonly match?: string;
}

export interface PassOnInput {
  readonly runId: string;
  /** Of what is told again. */
  readonly kind: ChangeKind;
  readonly isSealed: boolean;
  readonly at: number;
}

export interface PassedOn {
  /** As it is now. */
  readonly sweep: Sweep;
  /** Waits to be written. */
  readonly segment?: number;
}

/** What of an account a run takes from its target, once it knows what the source no longer has. */
export interface DeleteStore {
  /**
   * Begins the sweep of a run: notes what it did not meet in a complete read, and what it met as left out. The first call wins.
   * What the source tells as gone is asked for once more where it can be.
   * `isComplete`: everything was read; else only what was met counts. `canConfirm`: the source can be asked for one record; else what one complete read missed waits for a second.
   * Of a run with a plan: only what the plan takes away.
   */
  beginSweep(input: {
    readonly runId: string;
    readonly isComplete: boolean;
    readonly scope: 'created' | 'linked';
    readonly canConfirm: boolean;
  }): Promise<Sweep>;
  /** Changes what is known of the sweep of a run. */
  noteSweep(runId: string, sweep: Partial<Sweep>): Promise<Sweep>;
  /** Records that are told of at the target. */
  countTold(scope: string): Promise<number>;
  /** Keys that the source is still to be asked for, in order. */
  listUnconfirmed(runId: string, limit: number): Promise<readonly string[]>;
  /** What the source said of them. @returns the sweep as it is now */
  confirmMissing(runId: string, answers: readonly { readonly key: string; readonly isGone: boolean }[]): Promise<Sweep>;
  /** What was confirmed is to be confirmed again: much time has passed. */
  doubtMissing(runId: string): Promise<void>;
  /**
   * What is due while another record of the sync, which the source still has, was told as the same target record: is not due any more, and the target record is the other's alone.
   * Where the target was told of the one that has gone later than of the other, what the other was told is staged again, in a segment of its own that is closed.
   */
  passOnShared(input: PassOnInput): Promise<PassedOn>;
  /** To be deleted, in key order after `afterKey`. */
  listDue(runId: string, page: { readonly afterKey?: string; readonly limit: number }): Promise<readonly MissingRecord[]>;
  /**
   * Stages a change for each, in a segment of its own, and closes it. Idempotent.
   * @param input.archive what is set instead of a delete
   * @returns the segment's index
   */
  stageDeletes(input: {
    readonly runId: string;
    readonly targetScope: string;
    readonly archive?: JsonObject | undefined;
    readonly isSealed: boolean;
    readonly at: number;
  }): Promise<number>;
}
