import { setTimeout as sleep } from 'node:timers/promises';
import { SyncError } from '../engine/errors.ts';
import { requestRetryDelay } from '../engine/retry-timing.ts';
import type { Clock } from './clock.ts';
import type { HttpRequest } from './http-client.ts';

/** All repetitions of one read together; longer waits are the caller's, and durable. */
const PATIENCE_MS = 5_000;
/** A shorter wait that is told is no more than a reason to be patient. */
const TOLD_WAIT_MS = 1_000;

/** Repeats a read on passing failures for a few seconds. @throws SyncError the last failure; the signal's reason */
export async function repeatRead<Result>(
  request: Pick<HttpRequest, 'signal' | 'observer'>,
  { random }: Clock,
  attempt: (isRetry: boolean) => Promise<Result>,
): Promise<Result> {
  let end: number | undefined;
  for (let failures = 1; ; failures++) {
    try {
      return await attempt(failures > 1);
    } catch (error) {
      if (!(error instanceof SyncError) || error.retry === 'never') throw error;
      // A time-out has cost more than the patience already.
      if (error.details['isTimeout'] === true || error.code === 'CURSOR_EXPIRED') throw error;
      end ??= performance.now() + PATIENCE_MS;
      const toldMs = typeof error.retry === 'object' && error.details['isUntold'] !== true ? error.retry.afterMs : 0;
      const pauseMs = toldMs >= TOLD_WAIT_MS ? toldMs : Math.max(toldMs, requestRetryDelay({ failures, random }));
      if (performance.now() + pauseMs > end) throw error;
      if (pauseMs >= TOLD_WAIT_MS) request.observer?.onWait?.({ reason: error.message, ms: pauseMs });
      await pause(pauseMs, request.signal);
    }
  }
}

async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await sleep(ms, undefined, signal === undefined ? {} : { signal });
  } catch (error) {
    // The caller knows why it stopped; Node wraps that.
    throw signal?.aborted === true ? signal.reason : error;
  }
}
