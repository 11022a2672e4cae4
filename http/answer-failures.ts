import { assertNever } from '../engine/assert-never.ts';
import { type ErrorCode, type RetryClass, SyncError } from '../engine/errors.ts';
import type { Classification, HttpAnswer, HttpRequest } from './http-client.ts';
import { quotaPauseMs } from './limit-lessons.ts';
import { retryAfterMs } from './retry-after.ts';

/** Where the API says "too many" and not how long; a read is repeated sooner, at the pace found meanwhile. */
export const UNTOLD_PAUSE_MS = 1_000;

/** What a class of answer means for the caller; undefined where the caller reads the answer itself. */
export function failureOfClass(
  name: string,
  repeat: HttpRequest['repeat'],
  { status, headers }: HttpAnswer,
  classification: Classification,
  now: number,
): SyncError | undefined {
  const waitFor = (afterMs: number | undefined) => {
    // A wait of next to nothing, asked for again and again, is none.
    const isUntold = afterMs === undefined || afterMs < UNTOLD_PAUSE_MS;
    const retry = { afterMs: isUntold ? UNTOLD_PAUSE_MS : afterMs };
    return new SyncError({ code: 'RATE_LIMITED', retry, message: `${name} asked to wait (${status}).`, details: { status, isUntold } });
  };
  const failure = (code: ErrorCode, retry: RetryClass, message: string) => new SyncError({ code, retry, message, details: { status } });
  switch (classification.class) {
    case 'success':
    case 'reject-request':
    case 'not-found':
    case 'too-large':
      return undefined;
    case 'credentials':
      return failure(
        'CREDENTIALS_REJECTED',
        'never',
        `${name} refused the credentials (${status}): ${classification.message}. Check the secret of connection ${name}, and its scopes.`,
      );
    case 'rate-limited':
      return waitFor(classification.afterMs);
    case 'quota-spent':
      return failure('QUOTA_SPENT', { afterMs: quotaPauseMs(classification, now) }, `The quota of ${name} is spent (${status}).`);
    case 'unprocessed':
      return failure(
        'SYSTEM_UNAVAILABLE',
        classification.afterMs === undefined ? 'backoff' : { afterMs: classification.afterMs },
        `${name} did not process a request (${status}). Syncline tries again.`,
      );
    case 'retry': {
      const afterMs = status === 503 ? (retryAfterMs(headers, now) ?? 0) : 0;
      if (repeat === 'read' && afterMs >= UNTOLD_PAUSE_MS) return waitFor(afterMs);
      if (repeat === 'read') return failure('SYSTEM_UNAVAILABLE', 'backoff', `${name} answered ${status}: ${classification.message}. Syncline tries again.`);
      return new SyncError({
        code: 'WRITE_OUTCOME_UNKNOWN',
        retry: 'backoff',
        message: `${name} answered a write with ${status}: ${classification.message}. Whether it was applied is not known yet.`,
        details: { status, words: classification.message },
      });
    }
    case 'cursor-expired':
      return failure('CURSOR_EXPIRED', 'backoff', `${name} forgot its paging cursor: ${classification.message}. Syncline reads the list again from its start.`);
    default:
      return assertNever(classification);
  }
}

/** A redirect that is not followed: elsewhere, too often, or of a write. */
export function redirected(name: string, repeat: HttpRequest['repeat'], status: number): SyncError {
  const advice = 'Put the final address into baseUrl.';
  // RFC 9110 section 15.4: these say that the request was not taken here; the others may answer a request that was.
  if (repeat === 'read' || status === 301 || status === 307 || status === 308) {
    return new SyncError({
      code: 'CONTRACT_BROKEN',
      retry: 'never',
      message: `${name} redirects (${status}) instead of answering. ${advice}`,
      details: { status },
    });
  }
  return new SyncError({
    code: 'WRITE_OUTCOME_UNKNOWN',
    retry: 'backoff',
    message: `${name} answered a write with a redirect (${status}). ${advice}`,
    details: { status },
  });
}

/** A write that was answered, but with something that cannot be read. */
export function unreadableWrite(name: string, status: number | undefined, cause: unknown): SyncError {
  const why = cause instanceof SyncError ? ` ${cause.message}` : '';
  const details = status === undefined ? {} : { status };
  return new SyncError({ code: 'WRITE_OUTCOME_UNKNOWN', retry: 'backoff', message: `The answer of ${name} to a write cannot be read.${why}`, details, cause });
}
