import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { isAlive } from '../../worker/temporal-server/process-state.ts';
import { until } from '../support/until.ts';

export const TEMPORAL_MAIN = fileURLToPath(new URL('../../worker/temporal-main.ts', import.meta.url));

const lineSchema = z.object({
  ready: z.boolean().optional(),
  progress: z.string().optional(),
  address: z.string().optional(),
  uiUrl: z.string().optional(),
  serverPid: z.number().optional(),
  message: z.string().optional(),
  code: z.string().optional(),
});

export type Line = z.output<typeof lineSchema>;

export interface TemporalProgram {
  readonly child: ChildProcess;
  /** All lines up to the one that says whether it is ready. */
  readonly lines: readonly Line[];
  readonly last: Line;
}

export interface ProgramOptions {
  readonly directory: string;
  readonly args?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  readonly stdin?: 'pipe' | 'ignore';
}

/** Starts worker/temporal-main.ts on free ports and waits until it says how it went. */
export function startTemporalProgram({ directory, args = [], env = process.env, stdin = 'pipe' }: ProgramOptions): Promise<TemporalProgram> {
  const child = spawn(process.execPath, [TEMPORAL_MAIN, '--directory', directory, '--port', '0', '--ui-port', '0', ...args], {
    env,
    stdio: [stdin, 'pipe', 'inherit'],
  });
  return untilSaid(child);
}

const started: TemporalProgram[] = [];

/** After a test that failed half way: nothing of it may stay. */
export function killAll(): void {
  for (const { child, last } of started) {
    child.kill('SIGKILL');
    if (last.serverPid !== undefined && isRunning(last.serverPid)) process.kill(last.serverPid, 'SIGKILL');
  }
}

/** Reads the lines of a program until one says whether it is ready. */
export async function untilSaid(child: ChildProcess): Promise<TemporalProgram> {
  if (child.stdout === null) throw new Error('the program has no output');
  const lines: Line[] = [];
  const input = createInterface({ input: child.stdout });
  for await (const text of input) {
    const line = lineSchema.parse(JSON.parse(text));
    lines.push(line);
    if (line.ready === undefined) continue;
    const program = { child, lines, last: line };
    started.push(program);
    return program;
  }
  throw new Error('the program ended without saying how it went');
}

export async function endProgram({ child }: TemporalProgram): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  await once(child, 'exit');
}

export function isRunning(pid: number | undefined): boolean {
  if (pid === undefined) throw new Error('no process id');
  return isAlive(pid);
}

export async function untilGone(pid: number | undefined): Promise<void> {
  await until(`process ${pid} to be gone`, () => !isRunning(pid));
}
