import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';

/** A program of ours that says on stdout, in JSON lines, when it is ready. */
export interface Program {
  readonly name: string;
  readonly child: ChildProcess;
  /** The JSON line with `ready: true`. */
  readonly ready: Readonly<Record<string, unknown>>;
}

export interface ProgramOptions {
  readonly name: string;
  readonly file: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Its stderr goes here. */
  readonly logFile: string;
  /** Goes on when the demo ends. */
  readonly isDetached: boolean;
  readonly onProgress?: (text: string) => void;
}

/** Starts a program and waits until it is ready. @throws Error with its own sentence where it ends before that */
export async function startProgram(options: ProgramOptions): Promise<Program> {
  mkdirSync(dirname(options.logFile), { recursive: true });
  const child = spawn(process.execPath, [options.file, ...options.args], {
    env: { ...process.env, ...options.env },
    // Its own file, not a pipe through us: it may outlive us.
    stdio: [options.isDetached ? 'ignore' : 'pipe', 'pipe', openSync(options.logFile, 'a')],
    detached: options.isDetached,
  });
  const ready = await readUntilReady(child, options);
  return { name: options.name, child, ready };
}

async function readUntilReady(child: ChildProcess, options: ProgramOptions): Promise<Readonly<Record<string, unknown>>> {
  if (child.stdout === null) throw new Error(`${options.name} has no output`);
  const lines = createInterface({ input: child.stdout });
  let lastWords = '';
  for await (const line of lines) {
    const message = parseLine(line);
    if (message === undefined) continue;
    if (message['ready'] === true) {
      lines.on('line', () => undefined);
      child.stdout.resume();
      return message;
    }
    if (typeof message['progress'] === 'string') options.onProgress?.(message['progress']);
    if (typeof message['message'] === 'string') lastWords = message['message'];
  }
  throw new Error(`${options.name} did not start. ${lastWords} See ${options.logFile}.`);
}

function parseLine(line: string): Record<string, unknown> | undefined {
  try {
    const parsed: unknown = JSON.parse(line);
    return typeof parsed === 'object' && parsed !== null ? { ...parsed } : undefined;
  } catch {
    return undefined;
  }
}

/** Ends a program in order, or with SIGKILL when it takes longer than 20 s. */
export async function stopProgram(program: Program): Promise<void> {
  const { child } = program;
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  const killer = setTimeout(() => child.kill('SIGKILL'), 20_000);
  await ended;
  clearTimeout(killer);
}
