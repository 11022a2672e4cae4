import { fstatSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { SyncError } from '../engine/errors.ts';
import { startTemporalServer, type TemporalServer } from './temporal-server/start-temporal-server.ts';

/**
 * The Temporal server program: JSON lines on stdout, `{"progress"}` while the server is fetched or built, then `{"ready":true}`, or `{"ready":false}` with the
 * reason. Stops the server on SIGTERM, SIGINT, SIGHUP, and when stdin is a pipe that ends; with `--keep` the latter does not matter.
 */
const port = z.coerce.number().int().min(0).max(65_535);
const flagsSchema = z.object({ directory: z.string(), port, 'ui-port': port, keep: z.boolean() });
const UNAVAILABLE = 5;

const tell = (message: Readonly<Record<string, unknown>>) => process.stdout.write(`${JSON.stringify(message)}\n`);
// Whoever started us may be gone: then nobody listens, and that is all right.
process.stdout.on('error', () => undefined);

const stopping = new AbortController();
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => stopping.abort(new Error('stopped before the server was ready')));

try {
  const { values } = parseArgs({
    options: {
      directory: { type: 'string', default: '.syncline' },
      port: { type: 'string', default: '7233' },
      'ui-port': { type: 'string', default: '8233' },
      keep: { type: 'boolean', default: false },
    },
  });
  const flags = flagsSchema.parse(values);
  if (!flags.keep) stopWithParent();
  const server = await startTemporalServer({
    directory: resolve(flags.directory),
    port: flags.port,
    uiPort: flags['ui-port'],
    env: process.env,
    onProgress: (progress) => tell({ progress }),
    signal: stopping.signal,
  });
  tell({ ready: true, address: server.address, uiUrl: server.uiUrl, pid: process.pid, serverPid: server.pid });
  await serve(server);
  process.exit(0);
} catch (error) {
  tell({ ready: false, code: error instanceof SyncError ? error.code : 'INTERNAL', message: error instanceof Error ? error.message : String(error) });
  process.exit(UNAVAILABLE);
}

async function serve(server: TemporalServer): Promise<void> {
  const asked = new Promise<'asked'>((done) => {
    if (stopping.signal.aborted) done('asked');
    stopping.signal.addEventListener('abort', () => done('asked'));
  });
  const end = await Promise.race([asked, server.ended]);
  if (end !== 'asked')
    throw new SyncError({ code: 'SYSTEM_UNAVAILABLE', retry: 'never', message: 'The Temporal server ended by itself: see logs/temporal.log.' });
  await server.stop();
}

/** A pipe from the program that started this one ends when that program does, however it ended. */
function stopWithParent(): void {
  const stdin = fstatSync(0);
  const stop = () => stopping.abort(new Error('stopped before the server was ready: its starter is gone'));
  if (stdin.isFIFO() || stdin.isSocket()) process.stdin.on('end', stop).on('error', stop).resume();
}
