import { ActivityFailure, ApplicationFailure, ChildWorkflowFailure, isCancellation, TemporalFailure } from '@temporalio/workflow';
import { ERROR_CODES } from '../engine/errors.ts';
import type { RunFailure } from '../engine/run.ts';

/** How the steps ended, before the books are closed. */
export interface Ending {
  readonly ending: 'completed' | 'failed' | 'cancelled';
  readonly failure?: RunFailure;
}

/**
 * Reads what a final failure of an activity, or of a run as a child, says: its code travels as the failure's type.
 * @throws the error itself where it is a defect of the workflow's own: that must stop the task, not the run
 */
export function endingOf(error: unknown): Ending {
  if (isCancellation(error)) return { ending: 'cancelled' };
  if (!(error instanceof TemporalFailure)) throw error;
  const cause = error instanceof ActivityFailure || error instanceof ChildWorkflowFailure ? error.cause : error;
  const code = cause instanceof ApplicationFailure ? ERROR_CODES.find((known) => known === cause.type) : undefined;
  return { ending: 'failed', failure: { code: code ?? 'INTERNAL', message: cause instanceof Error ? cause.message : 'The run failed.' } };
}

/** The failure that the workflow itself ends with: visible in the Web UI, and to a schedule's pause-on-failure. */
export function failureOf(failure: RunFailure): ApplicationFailure {
  return ApplicationFailure.nonRetryable(failure.message, failure.code);
}
