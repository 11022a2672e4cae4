import type { Dispatcher, Pool } from 'undici';
import { SyncError } from '../engine/errors.ts';
import type { Authenticator } from './auth/authenticator.ts';
import { joinUrl } from './base-url.ts';
import { transportFailure } from './failures.ts';
import type { HttpAnswer, HttpClientOptions, HttpRequest } from './http-client.ts';
import { readAnswer } from './read-answer.ts';

const REDIRECTS = 3;
const USER_AGENT = 'syncline/0.1';

export interface Sending {
  readonly pool: Pool;
  readonly baseUrl: URL;
  readonly options: HttpClientOptions;
  readonly authenticator: Authenticator;
  readonly request: HttpRequest;
  readonly isRetry: boolean;
}

/** One request, one answer, told to the observer. @throws SyncError SYSTEM_UNAVAILABLE or WRITE_OUTCOME_UNKNOWN where there is no answer */
export async function sendOnce(sending: Sending): Promise<HttpAnswer> {
  const { request, options } = sending;
  let url = joinUrl(options.name, sending.baseUrl, request.path);
  for (const [name, value] of request.query ?? []) url.searchParams.append(name, value);
  for (let hops = 0; ; hops++) {
    const answer = await exchange(sending, url);
    const location = answer.headers['location'];
    if (answer.status < 300 || answer.status > 399 || answer.status === 304 || location === undefined) return answer;
    if (request.repeat === 'once' || hops >= REDIRECTS) throw redirected(options.name, answer.status);
    url = joinUrl(options.name, sending.baseUrl, new URL(location, url).href);
  }
}

async function exchange(sending: Sending, url: URL): Promise<HttpAnswer> {
  const { pool, options, request, authenticator } = sending;
  const headers: Record<string, string> = { accept: 'application/json', 'user-agent': USER_AGENT, 'accept-encoding': 'gzip, deflate, br', ...options.headers, ...request.headers };
  const body = bodyOf(request, headers);
  await authenticator.apply({ headers, url });
  await request.checkBeforeDispatch?.();
  const sentAt = Date.now();
  const startedAt = performance.now();
  // A write is ended by its own time-out alone: giving up on it earlier would make it an unknown one.
  const timeout = AbortSignal.timeout(options.timeouts.requestMs);
  const signal = request.repeat === 'read' && request.signal !== undefined ? AbortSignal.any([timeout, request.signal]) : timeout;
  const tell = (more: { status?: number; failure?: string; requestId?: string }) =>
    request.observer?.onRequest?.({ method: request.method, path: url.pathname, durationMs: performance.now() - startedAt, isRetry: sending.isRetry, sentAt, ...more });
  try {
    const dispatch: Dispatcher.RequestOptions = { method: request.method, path: `${url.pathname}${url.search}`, headers, body: body ?? null, signal };
    const answer = await readAnswer(await pool.request(dispatch), options.maxAnswerBytes, options.name);
    const requestId = requestIdOf(answer.headers);
    tell({ status: answer.status, ...(requestId === undefined ? {} : { requestId }) });
    return { ...answer, sentAt, durationMs: performance.now() - startedAt, ...(requestId === undefined ? {} : { requestId }) };
  } catch (error) {
    if (request.signal?.aborted === true && request.repeat === 'read') throw request.signal.reason;
    const failure = error instanceof SyncError ? error : transportFailure(options, request.repeat, error);
    tell({ failure: failure.details['why']?.toString() ?? failure.message });
    throw failure;
  }
}

/** The whole body in one piece, so that it leaves in one write. */
function bodyOf(request: HttpRequest, headers: Record<string, string>): Buffer | undefined {
  if (request.body === undefined) return undefined;
  if ('form' in request.body) {
    headers['content-type'] = 'application/x-www-form-urlencoded';
    return Buffer.from(new URLSearchParams({ ...request.body.form }).toString());
  }
  headers['content-type'] = 'application/json';
  return Buffer.from(JSON.stringify(request.body.json));
}

const REQUEST_ID_HEADERS = ['x-request-id', 'x-hubspot-correlation-id', 'x-correlation-id', 'request-id', 'cf-ray'];

function requestIdOf(headers: Readonly<Record<string, string>>): string | undefined {
  const name = REQUEST_ID_HEADERS.find((header) => headers[header] !== undefined);
  return name === undefined ? undefined : headers[name]?.slice(0, 200);
}

function redirected(name: string, status: number): SyncError {
  return new SyncError({ code: 'CONTRACT_BROKEN', retry: 'never', message: `${name} redirects (${status}) instead of answering: put the final address into baseUrl.` });
}
