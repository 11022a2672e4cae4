import { setTimeout as sleep } from 'node:timers/promises';
import { SyncError } from '../engine/errors.ts';
import { requestRetryDelay } from '../engine/retry-timing.ts';

/** All repetitions of one read together; longer waits are the caller's, and durable. */
const PATIENCE_MS = 5_000;

/** Repeats a read on passing failures for a few seconds. @throws SyncError the last failure */
export async function repeatRead<Result>(signal: AbortSignal | undefined, attempt: (isRetry: boolean) => Promise<Result>): Promise<Result> {
  const end = Date.now() + PATIENCE_MS;
  for (let failures = 1; ; failures++) {
    try {
      return await attempt(failures > 1);
    } catch (error) {
      if (!(error instanceof SyncError) || error.retry === 'never') throw error;
      const pauseMs = typeof error.retry === 'object' ? error.retry.afterMs : requestRetryDelay({ failures, random: Math.random });
      if (Date.now() + pauseMs > end) throw error;
      await sleep(pauseMs, undefined, signal === undefined ? {} : { signal });
    }
  }
}
