import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { HttpClient, HttpClientOptions } from '../../http/http-client.ts';
import { openHttpClient } from '../../http/open-http-client.ts';
import { PATIENT_TIMEOUTS } from '../support/until.ts';

export interface ReceivedRequest {
  readonly method: string;
  /** With its query. */
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  readonly at: number;
}

export interface LocalServer {
  readonly url: string;
  readonly received: ReceivedRequest[];
  readonly connections: () => number;
  /** Closes what is open, and gives the other side the time to notice. */
  dropConnections(): Promise<void>;
  stop(): Promise<void>;
}

export type Answer = (request: ReceivedRequest, response: ServerResponse) => void | Promise<void>;

/** A real server on loopback, stopped with the test. */
export async function serve(context: TestContext, answer: Answer): Promise<LocalServer> {
  const received: ReceivedRequest[] = [];
  let connections = 0;
  const server = createServer(async (incoming, response) => {
    const at = performance.now();
    const pieces: Buffer[] = [];
    for await (const piece of incoming) pieces.push(piece);
    const request = { method: incoming.method ?? '', url: incoming.url ?? '', headers: incoming.headers, body: Buffer.concat(pieces).toString(), at };
    received.push(request);
    await answer(request, response);
  });
  server.on('connection', () => {
    connections += 1;
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const stop = async () => {
    server.closeAllConnections();
    if (server.listening) await new Promise((resolve) => server.close(resolve));
  };
  const dropConnections = async () => {
    server.closeAllConnections();
    await sleep(20);
  };
  context.after(stop);
  return { url: `http://127.0.0.1:${port}`, received, connections: () => connections, dropConnections, stop };
}

export function json(response: ServerResponse, body: unknown, status = 200, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}

/** A client that is closed with the test. */
export function open(context: TestContext, baseUrl: string, more: Partial<HttpClientOptions> = {}, clock?: Parameters<typeof openHttpClient>[1]): HttpClient {
  const client = openHttpClient(
    {
      name: 'crm',
      account: 'acme/dev/crm',
      baseUrl,
      auth: { type: 'none' },
      headers: {},
      limits: {},
      timeouts: PATIENT_TIMEOUTS,
      maxAnswerBytes: 64_000_000,
      allowPlainHttp: false,
      ...more,
    },
    clock,
  );
  context.after(() => client.close());
  return client;
}
