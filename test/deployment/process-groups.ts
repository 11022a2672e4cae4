import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** As Compose waits by default. */
const GRACE_MS = 10_000;

/** A program with the processes that it starts, as a container holds them. */
export interface Group {
  readonly child: ChildProcess;
  /** All that it has said. */
  readonly log: () => string;
  /** The first of its processes is asked to end, and in time made to. */
  end(): Promise<void>;
  /** All of its processes at once, as when a machine is lost. */
  kill(): Promise<void>;
}

export interface GroupOptions {
  /** Its log goes into `folder` under this name. */
  readonly name: string;
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
}

export function startGroup(program: string, args: readonly string[], { name, folder, env }: GroupOptions): Group {
  const file = join(folder, `${name}.log`);
  const log = openSync(file, 'a');
  const child = spawn(program, args, { env, cwd: folder, stdio: ['ignore', log, log], detached: true });
  return { child, log: () => readFileSync(file, 'utf8'), end: () => end(child), kill: () => kill(child) };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const killer = setTimeout(() => child.kill('SIGKILL'), GRACE_MS);
  await ended;
  clearTimeout(killer);
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  process.kill(-child.pid, 'SIGKILL');
  await ended;
}
