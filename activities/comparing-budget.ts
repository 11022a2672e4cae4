import { SyncError } from '../engine/errors.ts';
import { activityRetryDelay } from '../engine/retry-timing.ts';
import type { RunWait } from '../ledger/ledger.ts';
import type { ReconcileInput } from './activities.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { FAILURES_WITHOUT_ANY_PROGRESS, freeWaitOf, givenUp } from './failure-budget.ts';

type Dependencies = Pick<ActivityDependencies, 'ledger' | 'draining' | 'now' | 'random'>;

export interface ComparingProgress {
  /** In the attempt that failed. */
  readonly hasGotOn: boolean;
  /** In any attempt. */
  readonly hasBegun: boolean;
  readonly giveUpAfterMs: number;
}

const SIDE: RunWait['side'] = 'target';

/** The failures in a row of comparisons, since they last got on: as the budget of a run's segments, for what belongs to none. Known to this process, which counts anew when it begins anew. */
export class ComparingBudget {
  readonly #failures = new Map<string, { readonly count: number; readonly sinceMs: number }>();

  /** What a comparison throws in the place of `error`: a final failure where the budget is spent. A run that ends with it shows what it waits for. */
  async judge(dependencies: Dependencies, { id, runId }: ReconcileInput, progress: ComparingProgress, error: unknown): Promise<unknown> {
    if (!(error instanceof SyncError) || error.retry === 'never' || dependencies.draining.aborted) return error;
    const pauseMs = freeWaitOf(error) ?? this.#growingPause(dependencies, id, progress);
    if (pauseMs === undefined) return givenUp(error);
    if (runId !== undefined) await dependencies.ledger.setWait(runId, SIDE, { side: SIDE, reason: error.message, untilMs: dependencies.now() + pauseMs });
    return new SyncError({ code: error.code, retry: { afterMs: pauseMs }, message: error.message, details: error.details, cause: error });
  }

  /** @returns undefined when the budget is spent */
  #growingPause({ now, random }: Dependencies, id: string, { hasGotOn, hasBegun, giveUpAfterMs }: ComparingProgress): number | undefined {
    const before = hasGotOn ? undefined : this.#failures.get(id);
    const { count, sinceMs } = { count: (before?.count ?? 0) + 1, sinceMs: before?.sinceMs ?? now() };
    this.#failures.set(id, { count, sinceMs });
    const isSpent = hasBegun ? now() - sinceMs > giveUpAfterMs : count >= FAILURES_WITHOUT_ANY_PROGRESS;
    if (isSpent) this.#failures.delete(id);
    return isSpent ? undefined : activityRetryDelay(count, random);
  }
}
