import { SyncError } from '../engine/errors.ts';
import { activityRetryDelay } from '../engine/retry-timing.ts';
import type { RunWait } from '../ledger/ledger.ts';
import type { ActivityDependencies } from './dependencies.ts';
import type { RunContext } from './run-context.ts';

/** A run that never got anywhere has a mistake in it more often than a passing trouble: it tells after so many failures. */
const FAILURES_WITHOUT_ANY_PROGRESS = 3;

/** Waits of the API's own choosing, and hand-overs between workers: no failures. */
const COSTS_NOTHING = new Set(['RATE_LIMITED', 'QUOTA_SPENT', 'JOB_RUNNING', 'CLAIM_LOST']);

/**
 * What an activity throws in the place of `error`: a final failure where that is final or the budget of failures without progress is spent, else one that is tried
 * again after a growing pause. Notes the wait in the ledger, for people.
 */
export async function budgeted(
  dependencies: ActivityDependencies,
  context: RunContext,
  place: { readonly segment: number; readonly side: RunWait['side'] },
  error: unknown,
): Promise<unknown> {
  if (!(error instanceof SyncError) || error.retry === 'never') return error;
  if (dependencies.draining.aborted) return error;
  const pauseMs = COSTS_NOTHING.has(error.code) ? askedPause(error) : await growingPause(dependencies, context, place.segment);
  if (pauseMs === undefined) {
    return new SyncError({
      code: error.code,
      retry: 'never',
      message: `${error.message} Given up: no progress any more.`,
      details: error.details,
      cause: error,
    });
  }
  const untilMs = dependencies.now() + pauseMs;
  await dependencies.ledger.setWait(context.run.id, place.side, { side: place.side, reason: error.message, untilMs });
  return new SyncError({ code: error.code, retry: { afterMs: pauseMs }, message: error.message, details: error.details, cause: error });
}

function askedPause(error: SyncError): number {
  return typeof error.retry === 'object' ? error.retry.afterMs : 1_000;
}

/** @returns undefined when the budget is spent */
async function growingPause(dependencies: ActivityDependencies, context: RunContext, segment: number): Promise<number | undefined> {
  const { ledger, now, random } = dependencies;
  const { count, sinceMs } = await ledger.countFailure(context.run.id, segment, now());
  const totals = (await ledger.readRun(context.run.id))?.totals;
  // Events wait for a source or target that is down: the runs before went well, or failed by themselves.
  const hasProgress = context.run.options.events === true || (totals !== undefined && totals.written + totals.rejected > 0);
  const isSpent = hasProgress ? now() - sinceMs > context.definition.giveUpAfterMs : count >= FAILURES_WITHOUT_ANY_PROGRESS;
  return isSpent ? undefined : activityRetryDelay(count, random);
}
