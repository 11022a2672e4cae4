import { setTimeout as sleep } from 'node:timers/promises';
import { SyncError } from '../engine/errors.ts';
import { requestRetryDelay } from '../engine/retry-timing.ts';
import type { ActivityDependencies } from './dependencies.ts';

/** The store itself is patient; so often it is asked. */
const TRIES = 4;

/** What is known of a write is not given up for a store that is away for a moment: without it, the write would be one without an answer. */
export async function whileStoreReturns<Result>({ random }: Pick<ActivityDependencies, 'random'>, work: () => Promise<Result>): Promise<Result> {
  for (let failures = 1; ; failures += 1) {
    try {
      return await work();
    } catch (error) {
      if (!isStoreAway(error) || failures === TRIES) throw error;
      await sleep(requestRetryDelay({ failures, random }));
    }
  }
}

export function isStoreAway(error: unknown): boolean {
  return error instanceof SyncError && error.code === 'STORE_UNAVAILABLE';
}
