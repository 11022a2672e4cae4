import type { RunTotals } from './outcome.ts';
import type { RunState } from './run.ts';

export interface Books {
  /** The sum closes: every record that was taken has exactly one outcome. */
  readonly closes: boolean;
  /** Distinct keys read, and records retried from earlier runs. */
  readonly taken: number;
  /** All outcomes. */
  readonly sum: number;
  /** taken - sum: positive where records are missing an outcome. */
  readonly difference: number;
}

/** The books of a run (design.md promise 6): taken = written + unchanged + superseded + skipped + rejected + held; and the deletes have a sum of their own. */
export function closeBooks(totals: RunTotals): Books {
  const taken = totals.read + totals.retriedFromEarlier;
  const sum = totals.written + totals.unchanged + totals.superseded + totals.skipped + totals.rejected + totals.held;
  const areDeletesClosed = totals.deletesDue === totals.deleted + totals.deletesRejected + totals.deletesHeld;
  return { closes: taken === sum && totals.created + totals.updated <= totals.written && areDeletesClosed, taken, sum, difference: taken - sum };
}

export interface RunEnd {
  readonly totals: RunTotals;
  /** All that the run was asked to read was read. */
  readonly isReadComplete: boolean;
  readonly isCancelled: boolean;
  readonly hasFailed: boolean;
}

/** The state of a run that ended. Never green when its sums do not close or something was left unread. */
export function runOutcome({ totals, isReadComplete, isCancelled, hasFailed }: RunEnd): RunState {
  if (hasFailed) return 'failed';
  if (isCancelled) return 'cancelled';
  if (!closeBooks(totals).closes || !isReadComplete) return 'books-open';
  return totals.rejected + totals.held + totals.deletesRejected + totals.deletesHeld > 0 ? 'completed-with-rejections' : 'completed';
}

/** Rejected records in percent of those taken; 0 where none were. */
export function rejectedPercent(totals: RunTotals): number {
  const { taken } = closeBooks(totals);
  return taken === 0 ? 0 : (totals.rejected / taken) * 100;
}
