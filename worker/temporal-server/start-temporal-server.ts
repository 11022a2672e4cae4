import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, openSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { SEARCH_ATTRIBUTES } from '../../workflows/contract.ts';
import { findBinary } from './find-binary.ts';
import { freePort } from './free-port.ts';

const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 10_000;

export interface TemporalServerOptions {
  /** The project's `.syncline` folder: runs and schedules are kept in `temporal.db` there. */
  readonly directory: string;
  /** The next free one is taken where it is in use. */
  readonly port: number;
  readonly uiPort: number;
  readonly env: NodeJS.ProcessEnv;
  readonly onProgress: (text: string) => void;
}

export interface TemporalServer {
  readonly address: string;
  readonly uiUrl: string;
  readonly pid: number;
  /** Rejects when the server ends by itself. */
  readonly ended: Promise<void>;
  stop(): Promise<void>;
}

/** Starts a real Temporal server with its Web UI, listening on loopback alone. @throws Error that names what was tried, or where the server's log is */
export async function startTemporalServer(options: TemporalServerOptions): Promise<TemporalServer> {
  const binary = await findBinary(options);
  const port = await freePort(options.port);
  const uiPort = await freePort(options.uiPort === port ? options.uiPort + 1 : options.uiPort);
  const logs = join(options.directory, 'logs');
  mkdirSync(logs, { recursive: true });
  const logFile = join(logs, 'temporal.log');
  const log = openSync(logFile, 'a');
  const args = [
    ...['server', 'start-dev', '--ip', '127.0.0.1', '--ui-ip', '127.0.0.1', '--port', String(port), '--ui-port', String(uiPort)],
    ...['--http-port', String(await freePort(0)), '--metrics-port', String(await freePort(0))],
    ...['--db-filename', join(options.directory, 'temporal.db'), '--log-level', 'error', '--namespace', 'default'],
    ...['--dynamic-config-value', 'matching.enableFairness=true'],
    ...SEARCH_ATTRIBUTES.flatMap((name) => ['--search-attribute', `${name}=Keyword`]),
  ];
  const child = spawn(binary, args, { stdio: ['ignore', log, log], env: options.env });
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  await untilListening(child, port, logFile);
  return {
    address: `127.0.0.1:${port}`,
    uiUrl: `http://127.0.0.1:${uiPort}`,
    pid: child.pid ?? 0,
    ended: exited,
    stop: () => stop(child, exited),
  };
}

async function untilListening(child: ChildProcess, port: number, logFile: string): Promise<void> {
  const end = Date.now() + START_TIMEOUT_MS;
  while (!(await answers(port))) {
    if (child.exitCode !== null || child.pid === undefined) throw new Error(`The Temporal server did not start. Its log is ${logFile}.`);
    if (Date.now() > end) {
      child.kill('SIGKILL');
      throw new Error(`The Temporal server did not answer within ${START_TIMEOUT_MS / 1000} s. Its log is ${logFile}.`);
    }
    await sleep(100);
  }
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

async function stop(child: ChildProcess, exited: Promise<void>): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  const killer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
  await exited;
  clearTimeout(killer);
}
