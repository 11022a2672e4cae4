import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';

/** For one that is not ready yet: nothing of it is in flight. */
const STARTING_GRACE_MS = 15_000;

/** What our programs say on stdout, a JSON line each. */
const lineSchema = z.looseObject({
  ready: z.boolean().optional(),
  progress: z.string().optional(),
  message: z.string().optional(),
  code: z.string().optional(),
});

export interface ChildProgramOptions {
  /** For people: `worker`. */
  readonly name: string;
  readonly file: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** Takes its stderr; appended to. */
  readonly logFile: string;
  readonly onProgress?: (text: string) => void;
  /** Stops it where it is not ready yet; afterwards `stop` does. */
  readonly signal?: AbortSignal;
}

export interface ProgramEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A program of ours that has said that it is ready. */
export interface ChildProgram {
  readonly name: string;
  readonly pid: number;
  /** Its ready line. */
  readonly ready: Readonly<Record<string, unknown>>;
  readonly ended: Promise<ProgramEnd>;
  /** SIGTERM, and SIGKILL when it takes longer than `graceMs`. Safe to call on one that has ended. */
  stop(graceMs: number): Promise<void>;
  /** At once. */
  kill(): void;
}

/** A program that ended before it was ready, with its own last words. */
export class ProgramFailed extends Error {
  readonly code: string | undefined;
  readonly exitCode: number | null;

  constructor(message: string, code: string | undefined, exitCode: number | null) {
    super(message);
    this.name = 'ProgramFailed';
    this.code = code;
    this.exitCode = exitCode;
  }
}

/**
 * Starts a program in a process group of its own, so that Ctrl-C reaches it only through us and all stop in order; its stdin ends when we do.
 * @throws ProgramFailed where it ends before it is ready
 */
export async function startChildProgram(options: ChildProgramOptions): Promise<ChildProgram> {
  mkdirSync(dirname(options.logFile), { recursive: true, mode: 0o700 });
  const child = spawn(process.execPath, [options.file, ...options.args], { env: options.env, stdio: ['pipe', 'pipe', 'pipe'], detached: true });
  child.stdin.on('error', () => undefined);
  child.stderr.pipe(createWriteStream(options.logFile, { flags: 'a' }));
  const ended = new Promise<ProgramEnd>((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }));
    child.once('error', () => resolve({ code: 1, signal: null }));
  });
  const giveUp = () => void stop(child, ended, STARTING_GRACE_MS);
  if (options.signal?.aborted === true) giveUp();
  options.signal?.addEventListener('abort', giveUp);
  const ready = await untilReady(child, options, ended).finally(() => options.signal?.removeEventListener('abort', giveUp));
  return { name: options.name, pid: child.pid ?? 0, ready, ended, stop: (graceMs) => stop(child, ended, graceMs), kill: () => void child.kill('SIGKILL') };
}

async function untilReady(child: ChildProcess, options: ChildProgramOptions, ended: Promise<ProgramEnd>): Promise<Readonly<Record<string, unknown>>> {
  if (child.stdout === null) throw new Error(`${options.name} has no output`);
  const lines = createInterface({ input: child.stdout });
  let last: z.output<typeof lineSchema> = {};
  return new Promise((resolve, reject) => {
    lines.on('line', (line) => {
      const said = parseLine(line);
      if (said === undefined) return;
      if (said.ready === true) resolve(said);
      else if (said.progress !== undefined) options.onProgress?.(said.progress);
      else last = said;
    });
    void ended.then(({ code }) =>
      reject(
        new ProgramFailed(last.message ?? `The ${options.name} ended before it was ready (${code ?? 'killed'}). Its log: ${options.logFile}`, last.code, code),
      ),
    );
  });
}

function parseLine(line: string): z.output<typeof lineSchema> | undefined {
  try {
    return lineSchema.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}

async function stop(child: ChildProcess, ended: Promise<ProgramEnd>, graceMs: number): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  const killer = setTimeout(() => child.kill('SIGKILL'), graceMs);
  await ended;
  clearTimeout(killer);
}
