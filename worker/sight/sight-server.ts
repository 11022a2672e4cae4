import { createServer, type Server, type ServerResponse } from 'node:http';
import { SyncError } from '../../engine/errors.ts';

/** What a server answers with. */
export interface Sights {
  /** In Prometheus' text format. */
  metrics(): Promise<string>;
  /** What keeps the worker from working, in fixed words; empty: nothing. */
  notReady(): Promise<readonly string[]>;
}

export interface SightServer {
  close(): Promise<void>;
}

/** What is answered, and where. */
export const SIGHT_PATHS = { metrics: '/metrics', health: '/healthz', ready: '/readyz' } as const;

const TIMEOUT_MS = 10_000;
const VARIABLES = { worker: 'SYNCLINE_METRICS', listener: 'SYNCLINE_LISTEN_METRICS' } as const;
const TEXT_FORMAT = 'text/plain; version=0.0.4; charset=utf-8';

/**
 * Serves /metrics, /healthz (the process lives and its event loop turns) and /readyz (it can work) to whoever asks.
 * @param program for the message where it cannot
 * @param address host:port
 * @throws SyncError SYSTEM_UNAVAILABLE where nothing can listen there
 */
export async function startSightServer(program: 'worker' | 'listener', address: string, sights: Sights): Promise<SightServer> {
  const server = createServer({ requestTimeout: TIMEOUT_MS, headersTimeout: TIMEOUT_MS, maxHeaderSize: 8_192 }, (request, response) => {
    const isRead = request.method === 'GET' || request.method === 'HEAD';
    const path = request.url?.split('?')[0];
    request.resume();
    void (isRead ? answer(response, path, sights) : Promise.resolve(end(response, 405, 'GET only\n'))).catch(() => end(response, 500, 'failed\n'));
  });
  await listen(server, program, address);
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(response: ServerResponse, path: string | undefined, sights: Sights): Promise<void> {
  switch (path) {
    case SIGHT_PATHS.metrics:
      return end(response, 200, await sights.metrics(), TEXT_FORMAT);
    case SIGHT_PATHS.health:
      return end(response, 200, 'ok\n');
    case SIGHT_PATHS.ready: {
      const reasons = await sights.notReady();
      return end(response, reasons.length === 0 ? 200 : 503, reasons.length === 0 ? 'ready\n' : `${reasons.join('\n')}\n`);
    }
    default:
      return end(response, 404, 'There are /metrics, /healthz and /readyz.\n');
  }
}

function end(response: ServerResponse, status: number, text: string, type = 'text/plain; charset=utf-8'): void {
  if (response.headersSent) return;
  response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(text);
}

function listen(server: Server, program: keyof typeof VARIABLES, address: string): Promise<void> {
  const [, host = '', port = ''] = /^(.*):(\d+)$/.exec(address) ?? [];
  return new Promise((resolve, reject) => {
    server.once('error', (cause) => {
      const message = `The metrics of the ${program} cannot be served at ${address} (${VARIABLES[program]}). Is the port taken, by another ${program} perhaps? Choose another, or unset it.`;
      reject(new SyncError({ code: 'SYSTEM_UNAVAILABLE', retry: 'never', message, cause }));
    });
    server.listen({ port: Number(port), host: host.replace(/^\[|\]$/g, ''), exclusive: true }, resolve);
  });
}
