import { SyncError } from '../engine/errors.ts';

/** Ends the attempt, to be begun again later: no failure. */
export function waitFor(afterMs: number, message: string): SyncError {
  return new SyncError({ code: 'RATE_LIMITED', retry: { afterMs }, message });
}

export function jobRunning(afterMs: number): SyncError {
  return new SyncError({ code: 'JOB_RUNNING', retry: { afterMs }, message: 'A job of the target is running; it is asked how far it is.' });
}
