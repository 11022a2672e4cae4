import { TemporalFailure } from '@temporalio/common';
import { SyncError } from '../engine/errors.ts';
import { activityRetryDelay } from '../engine/retry-timing.ts';
import type { RunWait } from '../ledger/ledger.ts';
import type { ActivityDependencies } from './dependencies.ts';
import type { RunContext } from './run-context.ts';

type Dependencies = Pick<ActivityDependencies, 'ledger' | 'draining' | 'now' | 'random'>;
interface Context {
  readonly run: Pick<RunContext['run'], 'id' | 'options'>;
  readonly definition: Pick<RunContext['definition'], 'giveUpAfterMs'>;
}

interface Place {
  readonly segment: number;
  readonly side: RunWait['side'];
}

/** A run that never got anywhere has a mistake in it more often than a passing trouble: it tells after so many failures. It got somewhere at its source with a page, at its target with a record. */
export const FAILURES_WITHOUT_ANY_PROGRESS = 3;

/** Waits, and hand-overs between workers: no failures. */
const COSTS_NOTHING = new Set(['RATE_LIMITED', 'QUOTA_SPENT', 'JOB_RUNNING', 'CLAIM_LOST']);

/** A wait that is told with another failure, and at least so long, is of the API's own choosing, too. */
const TOLD_WAIT_MS = 1_000;

/**
 * What an activity throws in the place of `error`: a final failure where that is final or the budget of failures without progress is spent, else one that is tried
 * again after a growing pause. Notes the wait in the ledger, for people.
 */
export async function budgeted(dependencies: Dependencies, context: Context, place: Place, cause: unknown): Promise<unknown> {
  const error = asDefect(cause);
  if (!(error instanceof SyncError) || error.retry === 'never') return error;
  if (dependencies.draining.aborted) return error;
  const pauseMs = freeWaitOf(error) ?? (await growingPause(dependencies, context, place));
  if (pauseMs === undefined) return givenUp(error);
  const untilMs = dependencies.now() + pauseMs;
  await dependencies.ledger.setWait(context.run.id, place.side, { side: place.side, reason: error.message, untilMs });
  return new SyncError({ code: error.code, retry: { afterMs: pauseMs }, message: error.message, details: error.details, cause: error });
}

/** An error that nobody has classified is tried again for as long as any other failure, as a race would pass. Its words stay out: they may quote a record. */
function asDefect(cause: unknown): unknown {
  if (cause instanceof SyncError || cause instanceof TemporalFailure) return cause;
  const message = `A defect in Syncline${cause instanceof Error ? ` (${cause.name})` : ''}: the log of the worker says where.`;
  return new SyncError({ code: 'INTERNAL', retry: 'backoff', message, cause });
}

/** @returns undefined when the budget is spent */
async function growingPause(dependencies: Dependencies, context: Context, { segment, side }: Place): Promise<number | undefined> {
  const { ledger, now, random } = dependencies;
  const { count, sinceMs } = await ledger.countFailure(context.run.id, segment, now());
  const totals = (await ledger.readRun(context.run.id))?.totals;
  // Events wait for a source or target that is down: the runs before went well, or failed by themselves.
  const hasProgress =
    context.run.options.events === true || (totals !== undefined && (side === 'source' ? totals.pages : totals.written + totals.rejected) > 0);
  const isSpent = hasProgress ? now() - sinceMs > context.definition.giveUpAfterMs : count >= FAILURES_WITHOUT_ANY_PROGRESS;
  return isSpent ? undefined : activityRetryDelay(count, random);
}

/** How long to wait for what is no failure; undefined where it is one. */
export function freeWaitOf({ code, retry }: SyncError): number | undefined {
  const askedMs = typeof retry === 'object' ? retry.afterMs : undefined;
  return COSTS_NOTHING.has(code) || (askedMs ?? 0) >= TOLD_WAIT_MS ? (askedMs ?? TOLD_WAIT_MS) : undefined;
}

export function givenUp(error: SyncError): SyncError {
  const message = `${error.message} Given up: no progress any more.`;
  return new SyncError({ code: error.code, retry: 'never', message, details: error.details, cause: error });
}
