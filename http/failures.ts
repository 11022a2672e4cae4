import { SyncError } from '../engine/errors.ts';
import type { Classification, HttpAnswer, HttpClientOptions, HttpRequest } from './http-client.ts';

/** The request surely never arrived. */
const NEVER_ARRIVED = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'UND_ERR_CONNECT_TIMEOUT', 'CERT_HAS_EXPIRED', 'DEPTH_ZERO_SELF_SIGNED_CERT', 'SELF_SIGNED_CERT_IN_CHAIN', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'ERR_TLS_CERT_ALTNAME_INVALID']);

const WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ENOTFOUND: 'no such host',
  EAI_AGAIN: 'the name cannot be looked up at the moment',
  EHOSTUNREACH: 'host unreachable',
  ENETUNREACH: 'network unreachable',
  UND_ERR_CONNECT_TIMEOUT: 'no connection in time',
  UND_ERR_HEADERS_TIMEOUT: 'no answer in time',
  UND_ERR_BODY_TIMEOUT: 'the answer stopped midway',
  UND_ERR_SOCKET: 'the connection broke',
  ECONNRESET: 'connection reset',
  EPIPE: 'the connection broke',
};

/** A request without an answer. A write that may have arrived is an unknown one. */
export function transportFailure(options: HttpClientOptions, repeat: HttpRequest['repeat'], cause: unknown): SyncError {
  const code = codeOf(cause);
  const isTimeout = cause instanceof Error && (cause.name === 'TimeoutError' || cause.name === 'AbortError');
  const why = isTimeout ? `no answer within ${options.timeouts.requestMs / 1000} s` : (WORDS[code] ?? (code === '' ? 'the request failed' : code));
  if (repeat === 'once' && !NEVER_ARRIVED.has(code)) {
    return new SyncError({ code: 'WRITE_OUTCOME_UNKNOWN', retry: 'backoff', message: `${options.name} did not answer a write: ${why}.`, details: { why }, cause });
  }
  const message = `${options.name} is unreachable at ${options.baseUrl}: ${why}. Is it running, and is baseUrl right?`;
  return new SyncError({ code: 'SYSTEM_UNAVAILABLE', retry: 'backoff', message, details: { why, sent: !NEVER_ARRIVED.has(code) }, cause });
}

/** What a class of answer means for the caller; undefined where the caller reads the answer itself. */
export function failureOfClass(name: string, repeat: HttpRequest['repeat'], answer: HttpAnswer, classification: Classification): SyncError | undefined {
  const { status } = answer;
  switch (classification.class) {
    case 'success':
    case 'reject-request':
    case 'not-found':
    case 'too-large':
      return undefined;
    case 'credentials':
      return new SyncError({
        code: 'CREDENTIALS_REJECTED',
        retry: 'never',
        message: `${name} refused the credentials (${status}): ${classification.message}. Check the secret of connection ${name}, and its scopes.`,
        details: { status },
      });
    case 'rate-limited':
      return new SyncError({ code: 'RATE_LIMITED', retry: { afterMs: classification.afterMs ?? 1_000 }, message: `${name} asked to wait (${status}).`, details: { status } });
    case 'quota-spent': {
      const afterMs = Math.max(1_000, (classification.untilMs ?? Date.now() + 3_600_000) - Date.now());
      return new SyncError({ code: 'QUOTA_SPENT', retry: { afterMs }, message: `The quota of ${name} is spent.`, details: { status } });
    }
    case 'unprocessed':
      return new SyncError({ code: 'SYSTEM_UNAVAILABLE', retry: 'backoff', message: `${name} did not process a request (${status}).`, details: { status } });
    case 'retry': {
      const code = repeat === 'once' ? 'WRITE_OUTCOME_UNKNOWN' : 'SYSTEM_UNAVAILABLE';
      return new SyncError({ code, retry: 'backoff', message: `${name} answered ${status}: ${classification.message}.`, details: { status } });
    }
    case 'cursor-expired':
      return new SyncError({ code: 'CURSOR_EXPIRED', retry: 'backoff', message: `${name} forgot its paging cursor: ${classification.message}.`, details: { status } });
  }
}

function codeOf(cause: unknown): string {
  if (!(cause instanceof Error)) return '';
  if ('code' in cause && typeof cause.code === 'string') return cause.code;
  return cause.cause === undefined ? '' : codeOf(cause.cause);
}
