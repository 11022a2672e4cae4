import { SyncError } from '../engine/errors.ts';
import type { JsonObject } from '../engine/json.ts';
import { NotSent } from './connection-lane.ts';
import type { HttpRequest } from './http-client.ts';

const WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ENOTFOUND: 'no such host',
  EAI_AGAIN: 'the name cannot be looked up at the moment',
  EHOSTUNREACH: 'host unreachable',
  ENETUNREACH: 'network unreachable',
  ECONNRESET: 'connection reset',
  EPIPE: 'the connection broke',
  ETIMEDOUT: 'no connection in time',
  UND_ERR_CONNECT_TIMEOUT: 'no connection in time',
  UND_ERR_HEADERS_TIMEOUT: 'no answer in time',
  UND_ERR_BODY_TIMEOUT: 'the answer stopped midway',
  UND_ERR_SOCKET: 'the connection broke',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'the answer stopped midway',
  UND_ERR_HEADERS_OVERFLOW: 'the headers of the answer are too large',
};
const BROKEN = new Set(['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET']);
const TIMEOUTS = new Set(['UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT', 'REQUEST_TIMEOUT']);

/** Who could not be reached, for messages. */
export interface Peer {
  readonly name: string;
  readonly address: string;
  readonly requestMs: number;
  /** We show a certificate there. */
  readonly hasCertificate?: boolean;
}

/** No answer, and nothing that a repetition would double. */
export function unreachable(peer: Peer, cause: unknown): SyncError {
  const { why, details } = explain(peer, cause);
  const isRefused = why === WORDS['ECONNREFUSED'];
  const hint = isRefused ? ' Is it running?' : why === WORDS['ENOTFOUND'] ? ' Is baseUrl right?' : '';
  return new SyncError({
    code: 'SYSTEM_UNAVAILABLE',
    retry: 'backoff',
    message: `${peer.name} is unreachable at ${peer.address}: ${why}.${hint} Syncline tries again.`,
    details,
    cause,
  });
}

/** A request without an answer. A write that may have arrived is an unknown one. */
export function transportFailure(peer: Peer, repeat: HttpRequest['repeat'], cause: unknown): SyncError {
  if (codeOf(cause) === 'UND_ERR_INVALID_ARG') {
    const message = `A request to ${peer.name} cannot be written: a header or its address holds a character that HTTP does not allow. Check headers and secret of the connection.`;
    return new SyncError({ code: 'DEFINITION_INVALID', retry: 'never', message, details: { sent: false }, cause });
  }
  if (repeat === 'read' || cause instanceof NotSent) return unreachable(peer, cause);
  const { why, details } = explain(peer, cause);
  const message = `${peer.name} did not answer a write: ${why}. Whether it was applied is not known yet.`;
  return new SyncError({ code: 'WRITE_OUTCOME_UNKNOWN', retry: 'backoff', message, details, cause });
}

function explain(peer: Peer, cause: unknown): { readonly why: string; readonly details: JsonObject } {
  const code = codeOf(cause);
  const isTimeout = TIMEOUTS.has(code);
  const words = code === 'REQUEST_TIMEOUT' ? `no whole answer within ${peer.requestMs / 1_000} s` : (WORDS[code] ?? wordsOfOther(code));
  // With TLS 1.3 a server refuses a certificate after the connection stands: by ending it, and mostly without a word.
  const why = peer.hasCertificate === true && BROKEN.has(code) ? `${words} (it may not accept the certificate in "tls")` : words;
  return { why, details: { why, sent: !(cause instanceof NotSent), ...(isTimeout ? { isTimeout } : {}) } };
}

function wordsOfOther(code: string): string {
  if (code.includes('_ALERT_')) return `no secure connection, it does not accept our certificate or way of encryption (${code})`;
  if (/CERT|TLS|SSL|SIGNED|ISSUER|EPROTO/.test(code)) return `no secure connection, its certificate is not accepted (${code})`;
  if (code.startsWith('HPE_')) return 'the answer is not HTTP';
  return code === '' ? 'the request failed' : `the request failed (${code})`;
}

function codeOf(cause: unknown): string {
  if (!(cause instanceof Error)) return '';
  if (cause.name === 'TimeoutError') return 'REQUEST_TIMEOUT';
  if ('code' in cause && typeof cause.code === 'string') return cause.code;
  return cause.cause === undefined ? '' : codeOf(cause.cause);
}
