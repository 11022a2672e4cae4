import type { Rejection } from '../engine/errors.ts';
import type { ChangeKind, Outcome } from '../engine/outcome.ts';

/** What became of one record in a run, as far as anything was decided or sent: what was found as it was is only counted. */
export interface RunOutcome {
  readonly key: string;
  readonly outcome: Outcome;
  /** Absent where no change was made of it. */
  readonly kind?: ChangeKind;
  readonly targetId?: string;
  /** Why it is held. */
  readonly reason?: string;
  readonly rejection?: Rejection;
}

export interface RunOutcomes {
  readonly outcomes: readonly RunOutcome[];
  /** Where the next page begins; opaque, without a key. Absent after the last. */
  readonly next?: string;
}

/** The outcomes of a run, for who wants each of them. */
export interface OutcomeStore {
  /** In an order that stays, once the run is closed. @param page.after as the page before said it */
  listRunOutcomes(runId: string, page: { readonly after?: string; readonly limit: number; readonly isFailedOnly?: boolean }): Promise<RunOutcomes>;
}
