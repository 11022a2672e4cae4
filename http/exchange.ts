import { Readable } from 'node:stream';
import type { Dispatcher } from 'undici';
import { type ErrorCode, SyncError } from '../engine/errors.ts';
import type { Json } from '../engine/json.ts';
import { unreadableWrite } from './answer-failures.ts';
import type { Authenticator } from './auth/authenticator.ts';
import { isInQuery } from './auth/token-place.ts';
import type { Clock } from './clock.ts';
import { NotSent } from './connection-lane.ts';
import { type Peer, transportFailure } from './failures.ts';
import type { HttpAnswer, HttpClientOptions, HttpRequest } from './http-client.ts';
import type { LanePermit } from './permit.ts';
import { type ReadOptions, readAnswer } from './read-answer.ts';
import { requestIdOf, type WrittenRequest } from './request-parts.ts';

type Told = { readonly status?: number; readonly failure?: string; readonly requestId?: string };

/** How often a connection that closed just before its request is opened anew. */
const OPENINGS = 3;

/** A file takes its time; that it moves, the time-outs of its connection see to. */
const LONGEST_MS = 3_600_000;

export interface ExchangeParts {
  readonly options: HttpClientOptions;
  readonly authenticator: Authenticator;
  readonly clock: Clock;
}

export interface Exchange {
  readonly request: HttpRequest;
  /** With its credentials. */
  readonly written: WrittenRequest;
  /** The address without credentials. */
  readonly url: URL;
  readonly permit: LanePermit;
  readonly isRetry: boolean;
}

/**
 * One request, one answer, told to the observer.
 * @throws SyncError SYSTEM_UNAVAILABLE, CONTRACT_BROKEN; of a write that was sent always WRITE_OUTCOME_UNKNOWN; the reason of the caller's signal, of a read; whatever `checkBeforeDispatch` throws
 */
export async function exchange({ options, authenticator, clock }: ExchangeParts, { request, written, url, permit, isRetry }: Exchange): Promise<HttpAnswer> {
  const peer = peerOf(options);
  const started = { at: clock.now(), tick: performance.now() };
  const tell = (more: Told, answer?: { readonly body: Json; readonly bytes: number }, code?: ErrorCode) => {
    const { method, body, observer } = request;
    const durationMs = performance.now() - started.tick;
    const common = { method, sentAt: started.at, ...more };
    observer?.onRequest?.({ ...common, path: url.pathname, durationMs: Math.round(durationMs), isRetry });
    observer?.onExchange?.({
      ...common,
      path: `${url.pathname}${url.search}`,
      durationMs: Math.round(durationMs),
      sent: sentOf(body),
      received: answer?.body,
    });
    const { name: connection, account, sight } = options;
    const { status } = more;
    const bytes = { sentBytes: written.bytes, receivedBytes: answer?.bytes ?? 0 };
    sight?.onExchange({ account, connection, method, status, failure: code, sentAt: started.at, durationMs, isRetry, ...bytes });
  };
  const markSent = () => {
    permit.markUsed();
    started.at = clock.now();
    started.tick = performance.now();
  };
  let status: number | undefined;
  const deadline = startDeadline(request.isLong === true ? LONGEST_MS : options.timeouts.requestMs, request.repeat === 'read' ? request.signal : undefined);
  try {
    const response = await dispatch(request, written, permit, markSent, deadline);
    status = response.statusCode;
    const answer = await readAnswer(response, {
      name: options.name,
      maxBytes: options.maxAnswerBytes,
      as: request.as,
      csv: request.csv,
      encoding: request.encoding,
      unzip: request.unzip,
      into: request.into,
      isRead: request.repeat === 'read',
      ...hidden(options, request, authenticator.secrets()),
    });
    const requestId = requestIdOf(answer.headers);
    const told = { status: answer.status, ...(requestId === undefined ? {} : { requestId }) };
    tell(told, answer);
    return { ...answer, ...told, url: url.href, sentAt: started.at, durationMs: Math.ceil(performance.now() - started.tick) };
  } catch (error) {
    if (error instanceof CheckFailed) throw error.cause;
    if (request.repeat === 'read' && request.signal?.aborted === true) throw request.signal.reason;
    const failure = asFailure(peer, request, status, error);
    tell({ ...(status === undefined ? {} : { status }), failure: failure.details['why']?.toString() ?? failure.message }, undefined, failure.code);
    throw failure;
  } finally {
    deadline.end();
  }
}

/** Files and other texts are nothing to look at. */
function sentOf(body: HttpRequest['body']): Json | undefined {
  if (body === undefined || 'text' in body || 'parts' in body || 'file' in body) return undefined;
  return 'json' in body ? body.json : { ...body.form };
}

export function peerOf(options: HttpClientOptions): Peer {
  const { name, baseUrl: address, timeouts, tls } = options;
  return { name, address, requestMs: timeouts.requestMs, hasCertificate: tls?.certificate !== undefined };
}

/** The caller forbade the request at the last moment. */
class CheckFailed extends Error {}

/** An open connection first, then the caller's last check, then the request: nothing waits between the latter two. */
async function dispatch(
  request: HttpRequest,
  written: WrittenRequest,
  permit: LanePermit,
  markSent: () => void,
  deadline: Deadline,
): Promise<Dispatcher.ResponseData> {
  const { url, headers, body } = written;
  for (let openings = 1; ; openings++) {
    await permit.lane.open(request.repeat === 'read' ? request.signal : undefined);
    await lastCheck(request);
    markSent();
    deadline.start();
    try {
      return await permit.lane.request({
        method: request.method,
        path: `${url.pathname}${url.search}`,
        headers,
        body: body instanceof Blob ? Readable.from(body.stream()) : body,
        signal: deadline.signal,
      });
    } catch (error) {
      if (!(error instanceof NotSent) || openings === OPENINGS) throw error;
    }
  }
}

async function lastCheck(request: HttpRequest): Promise<void> {
  try {
    await request.checkBeforeDispatch?.();
  } catch (cause) {
    throw new CheckFailed('not sent', { cause });
  }
}

function asFailure(peer: Peer, request: HttpRequest, status: number | undefined, error: unknown): SyncError {
  if (!(error instanceof SyncError)) {
    const failure = transportFailure(peer, request.repeat, error);
    return status === undefined || failure.code !== 'WRITE_OUTCOME_UNKNOWN' ? failure : unreadableWrite(peer.name, status, failure);
  }
  return request.repeat === 'once' ? unreadableWrite(peer.name, status, error) : error;
}

interface Deadline {
  readonly signal: AbortSignal;
  start(): void;
  end(): void;
}

/** The time of the whole request. A write is ended by it alone: giving up on it earlier would make it an unknown one. */
function startDeadline(requestMs: number, caller: AbortSignal | undefined): Deadline {
  const controller = new AbortController();
  const abort = () => controller.abort(caller?.reason);
  let timer: NodeJS.Timeout | undefined;
  caller?.addEventListener('abort', abort, { once: true });
  return {
    signal: controller.signal,
    start: () => {
      clearTimeout(timer);
      timer = setTimeout(() => controller.abort(new DOMException('the request took too long', 'TimeoutError')), requestMs);
    },
    end: () => {
      clearTimeout(timer);
      caller?.removeEventListener('abort', abort);
    },
  };
}

/** No word of a record is so long and so odd by chance. */
const SHORTEST_IN_BODY = 16;
const SHORTEST_IN_LINK = 8;

/** A credential comes back in the links of some APIs; from there it would get into stored cursors. A key in the query does so most of all. */
function hidden({ auth }: HttpClientOptions, { repeat }: HttpRequest, secrets: readonly string[]): Pick<ReadOptions, 'secrets' | 'secretsInBody'> {
  if (repeat === 'once') return { secrets };
  const shortest = isInQuery(auth) ? SHORTEST_IN_LINK : SHORTEST_IN_BODY;
  return { secrets, secretsInBody: secrets.filter((secret) => secret.length >= shortest) };
}
