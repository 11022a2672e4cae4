import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Logger } from 'pino';
import type { Counts } from '../counts.ts';
import { type Answer, type Asked, problem, type Route, unavailable } from './answer.ts';
import { readBody } from './read-body.ts';

/** A request has this long to come in whole. */
const REQUEST_TIMEOUT_MS = 15_000;
const HEADERS_TIMEOUT_MS = 10_000;
/** Longer than proxies keep theirs (60 s): else one may send on a connection that is just being closed. */
const KEEP_ALIVE_MS = 65_000;
const MAX_HEADER_BYTES = 16_384;
const MAX_HEADERS = 100;
const MAX_CONNECTIONS = 1_024;
/** Bodies that are held at once. */
const MAX_IN_FLIGHT = 256;

/** What is served at a path, and by which methods. */
export interface Served {
  /** For counts: `/webhooks/NAME`. */
  readonly name: string;
  readonly path: RegExp;
  readonly methods: readonly string[];
  readonly route: Route;
}

export interface ListenerServerOptions {
  readonly host: string;
  readonly port: number;
  readonly maxBytes: number;
  readonly served: readonly Served[];
  readonly counts: Counts;
  readonly log: Logger;
  readonly now: () => number;
  /** A request has this long to come in whole. @default 15000 */
  readonly requestTimeoutMs?: number;
}

export interface ListenerServer {
  /** Where it listens: http://127.0.0.1:8080 */
  readonly url: string;
  /** Takes no new request, and ends those in flight in their own time, at most `graceMs`. */
  stop(graceMs: number): Promise<void>;
}

/** Listens. Nothing that a sender does makes it throw. @throws the system's error where nothing can listen there */
export async function startListenerServer(options: ListenerServerOptions): Promise<ListenerServer> {
  const { host, port, requestTimeoutMs = REQUEST_TIMEOUT_MS } = options;
  const timeouts = { requestTimeout: requestTimeoutMs, headersTimeout: Math.min(HEADERS_TIMEOUT_MS, requestTimeoutMs), keepAliveTimeout: KEEP_ALIVE_MS };
  const inFlight = new Set<ServerResponse>();
  const server = createServer({ ...timeouts, maxHeaderSize: MAX_HEADER_BYTES, connectionsCheckingInterval: 1_000 }, (request, response) => {
    inFlight.add(response);
    response.on('close', () => inFlight.delete(response));
    void serve(options, inFlight.size > MAX_IN_FLIGHT, request, response);
  });
  server.maxHeadersCount = MAX_HEADERS;
  server.maxConnections = MAX_CONNECTIONS;
  server.listen(port, host);
  await once(server, 'listening');
  return { url: urlOf(server, host), stop: (graceMs) => stop(server, inFlight, graceMs) };
}

async function serve(options: ListenerServerOptions, isFull: boolean, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const receivedAt = options.now();
  const [path = '', ...query] = (request.url ?? '').split('?');
  const served = options.served.find((one) => one.path.test(path));
  let answer: Answer;
  try {
    answer = isFull
      ? unavailable('Too many requests at once.', 1)
      : await answerOf(options, served, request, { path, search: query.length === 0 ? '' : `?${query.join('?')}`, receivedAt });
  } catch (error) {
    options.log.error({ error, route: served?.name }, 'a request could not be answered');
    answer = problem(500, 'The request could not be answered.');
  }
  options.counts.add('requests', { route: served?.name ?? 'none', status: String(answer.status) });
  send(request, response, answer);
}

async function answerOf(
  { maxBytes }: ListenerServerOptions,
  served: Served | undefined,
  request: IncomingMessage,
  place: Pick<Asked, 'path' | 'search' | 'receivedAt'>,
): Promise<Answer> {
  const { method = '' } = request;
  if (served === undefined) return problem(404, 'There is nothing here.');
  if (!served.methods.includes(method)) return problem(405, `Send ${served.methods.join(' or ')}.`, {}, { allow: served.methods.join(', ') });
  const body = await readBody(request, maxBytes);
  if (body === 'too-large') return problem(413, `The body has more than ${maxBytes} bytes.`, {}, { connection: 'close' });
  if (body === 'broken-off') return { status: 400, headers: { connection: 'close' } };
  return served.route({ ...place, method, headers: headersOf(request), body });
}

function headersOf(request: IncomingMessage): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(request.headersDistinct).map(([name, values]) => [name, (values ?? []).join(', ')]));
}

function send(request: IncomingMessage, response: ServerResponse, { status, headers, body }: Answer): void {
  if (response.destroyed || response.headersSent) return;
  const text = body === undefined ? '' : JSON.stringify(body);
  const type = body === undefined ? {} : { 'content-type': 'application/json' };
  response.writeHead(status, { ...type, 'cache-control': 'no-store', 'content-length': String(Buffer.byteLength(text)), ...headers });
  response.end(request.method === 'HEAD' ? undefined : text);
}

function urlOf(server: Server, host: string): string {
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

async function stop(server: Server, inFlight: ReadonlySet<ServerResponse>, graceMs: number): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  for (const response of inFlight) if (!response.headersSent) response.setHeader('connection', 'close');
  const timer = setTimeout(() => server.closeAllConnections(), graceMs);
  await closed;
  clearTimeout(timer);
}
