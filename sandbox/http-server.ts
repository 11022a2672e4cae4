import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { type Faults, faultsSchema } from './faults.ts';
import { TokenBucket } from './token-bucket.ts';

export interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Request {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: unknown;
}

/** What makes a look-alike the service it looks like. */
export interface Service {
  readonly token: string;
  handle(request: Request): Answer;
  unauthorized(): Answer;
  tooMany(): Answer;
  failed(): Answer;
  /** For tests and the demo: what it holds and was asked. */
  state(): Record<string, unknown>;
  records(object: string): unknown;
}

export interface RunningService {
  readonly url: string;
  readonly faults: Faults;
  stop(): Promise<void>;
}

/** Serves a look-alike on loopback, with its faults. */
export async function serve(service: Service, port: number, initial: Faults, random: () => number): Promise<RunningService> {
  let faults = initial;
  const bucket = new TokenBucket();
  const statuses: Record<string, number> = {};
  let writes = 0;

  const answer = async (message: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(message.url ?? '/', 'http://sandbox');
    const request = { method: message.method ?? 'GET', path: url.pathname, query: url.searchParams, body: await readJson(message) };
    if (url.pathname.startsWith('/_sandbox/')) return send(response, admin(request));
    await sleep(faults.latencyMs);
    const { reply, isCut } = decide(request, message.headers.authorization);
    statuses[reply.status] = (statuses[reply.status] ?? 0) + 1;
    if (isCut) message.socket.destroy();
    else send(response, reply);
  };

  const decide = (request: Request, authorization: string | undefined): { reply: Answer; isCut: boolean } => {
    const plain = (reply: Answer) => ({ reply, isCut: false });
    const isWrite = request.method !== 'GET' && !request.path.endsWith('/search');
    if (faults.isDown) return plain({ status: 503, body: { message: 'down for maintenance' } });
    if (faults.refusesToken || authorization !== `Bearer ${service.token}`) return plain(service.unauthorized());
    if (!bucket.take(faults.rate, Date.now())) return plain(service.tooMany());
    if (isWrite) writes += 1;
    if (random() * 100 < faults.errorPercent) return plain(service.failed());
    const reply = service.handle(request);
    if (isWrite && random() * 100 < faults.dropPercent) return { reply, isCut: true };
    return plain(isWrite && random() * 100 < faults.errorAfterPercent ? service.failed() : reply);
  };

  const admin = (request: Request): Answer => {
    if (request.path === '/_sandbox/state') return { status: 200, body: { ...service.state(), statuses, writes, faults } };
    if (request.path === '/_sandbox/records') return { status: 200, body: service.records(request.query.get('object') ?? 'contacts') };
    if (request.path === '/_sandbox/faults' && request.method === 'POST') {
      const changed = faultsSchema.partial().safeParse(request.body);
      if (!changed.success) return { status: 400, body: { message: z.prettifyError(changed.error) } };
      faults = faultsSchema.parse({ ...faults, ...changed.data });
      return { status: 200, body: faults };
    }
    return { status: 404, body: { message: 'the sandbox has state, records and faults' } };
  };

  const server = createServer((message, response) => {
    answer(message, response).catch((error: unknown) => send(response, { status: 400, body: { message: error instanceof Error ? error.message : 'bad request' } }));
  });
  const url = await listen(server, port);
  return {
    url,
    get faults() {
      return faults;
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function send(response: ServerResponse, answer: Answer): void {
  const text = answer.body === undefined ? '' : JSON.stringify(answer.body);
  response.writeHead(answer.status, { 'content-type': 'application/json', ...answer.headers });
  response.end(text);
}

async function readJson(message: IncomingMessage): Promise<unknown> {
  const pieces: Buffer[] = [];
  for await (const piece of message) pieces.push(Buffer.from(piece));
  const text = Buffer.concat(pieces).toString('utf8');
  return text === '' ? undefined : JSON.parse(text);
}

function listen(server: Server, port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      if (isAddress(address)) resolve(`http://127.0.0.1:${address.port}`);
    });
  });
}

function isAddress(address: string | AddressInfo | null): address is AddressInfo {
  return typeof address === 'object' && address !== null;
}
