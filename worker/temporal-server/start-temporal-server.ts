import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { SyncError } from '../../engine/errors.ts';
import { claimDirectory, forgetServer, recordServer } from './directory-owner.ts';
import { endWithUs } from './end-with-us.ts';
import { type EnsureBinaryOptions, ensureTemporalBinary } from './ensure-temporal-binary.ts';
import { serverArguments, serverEnvironment } from './server-command.ts';
import { choosePorts, type ServerPorts } from './server-ports.ts';
import { isReady } from './server-readiness.ts';
import type { TemporalBinary } from './temporal-binary.ts';

const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 10_000;
const LOOK_EVERY_MS = 50;
/** Between choosing a port and listening on it another process may take it. */
const PORT_TRIES = 4;

export interface TemporalServerOptions extends EnsureBinaryOptions {
  /** The project's `.syncline` folder: runs and schedules are kept in `temporal.db` there, the log in `logs/temporal.log`. */
  readonly directory: string;
  /** The next free one is taken where it is in use; 0 takes any. */
  readonly port: number;
  readonly uiPort: number;
}

export interface TemporalServer {
  readonly address: string;
  readonly uiUrl: string;
  readonly pid: number;
  /** Resolves when the server has ended, asked to or not. */
  readonly ended: Promise<void>;
  /** In order within ten seconds, else at once. Safe to call twice. */
  stop(): Promise<void>;
}

/**
 * Starts a real Temporal server with its Web UI, listening on loopback alone, that ends when this process does, however that ends.
 * @throws SyncError that names what was tried to get one, who uses the directory, or where the server's log is
 */
export async function startTemporalServer(options: TemporalServerOptions): Promise<TemporalServer> {
  const binary = await ensureTemporalBinary(options);
  const { directory } = options;
  mkdirSync(join(directory, 'logs'), { recursive: true, mode: 0o700 });
  await claimDirectory(directory);
  for (let tries = 1; ; tries++) {
    const ports = await choosePorts(options);
    const started = await start(binary, options, ports);
    if ('server' in started) return started.server;
    if (tries >= PORT_TRIES || !started.reason.includes('address already in use')) throw failure(options, started.reason);
  }
}

async function start(binary: TemporalBinary, options: TemporalServerOptions, ports: ServerPorts): Promise<{ server: TemporalServer } | { reason: string }> {
  const { directory, env, signal } = options;
  const logFile = logFileOf(options);
  const log = openSync(logFile, 'a');
  const logStart = statSync(logFile).size;
  // A group of its own, so that Ctrl-C reaches it only through us and all stop in order.
  const child = spawn(binary.path, serverArguments(binary, directory, ports), { stdio: ['ignore', log, log], env: serverEnvironment(env), detached: true });
  closeSync(log);
  const address = `127.0.0.1:${ports.grpc}`;
  const release = child.pid === undefined ? () => undefined : endWithUs(child.pid);
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  }).then(() => {
    release();
    forgetServer(directory);
  });
  if (child.pid !== undefined) recordServer(directory, { pid: child.pid, owner: process.pid, address });
  const end = Date.now() + START_TIMEOUT_MS;
  while (!(await isReady(ports))) {
    if (hasEnded(child)) return { reason: readFileSync(logFile).subarray(logStart).toString('utf8') };
    if (Date.now() > end || signal?.aborted === true) {
      await stop(child, ended);
      signal?.throwIfAborted();
      return { reason: `it did not answer within ${START_TIMEOUT_MS / 1000} s` };
    }
    await sleep(LOOK_EVERY_MS);
  }
  // What answered may be another server that took the port first: ours is still there.
  if (hasEnded(child)) return { reason: 'address already in use' };
  return { server: { address, uiUrl: `http://127.0.0.1:${ports.ui}`, pid: child.pid ?? 0, ended, stop: () => stop(child, ended) } };
}

function hasEnded(child: ChildProcess): boolean {
  return child.pid === undefined || child.exitCode !== null || child.signalCode !== null;
}

async function stop(child: ChildProcess, ended: Promise<void>): Promise<void> {
  if (hasEnded(child)) return ended;
  child.kill('SIGTERM');
  const killer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
  await ended;
  clearTimeout(killer);
}

function failure(options: TemporalServerOptions, reason: string): SyncError {
  const lastLine = reason.trim().split('\n').at(-1) ?? '';
  return new SyncError({
    code: 'SYSTEM_UNAVAILABLE',
    retry: 'never',
    message: `The Temporal server did not start: ${lastLine === '' ? 'it ended without a word' : lastLine}. Its log: ${logFileOf(options)}`,
  });
}

function logFileOf({ directory }: TemporalServerOptions): string {
  return join(directory, 'logs', 'temporal.log');
}
