import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { CliError } from '../cli-error.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import type { Shell } from '../shell.ts';

const saidSchema = z.looseObject({ ready: z.boolean().optional(), message: z.string().optional() });

export interface ForegroundProgram {
  readonly file: string;
  readonly args: readonly string[];
  /** For people: `worker`. */
  readonly name: string;
  /** It is ready, and says with what. */
  readonly onReady: (said: Readonly<Record<string, unknown>>, pid: number | undefined) => void;
}

/**
 * Runs one of our programs in the foreground until it ends: its log goes to stderr as it is; signals are passed on, and it ends in its own time.
 * @throws CliError with its own last words where it ends by itself
 */
export async function runProgram({ env, onInterrupt }: Shell, { file, args, name, onReady }: ForegroundProgram): Promise<ExitCode> {
  const child = spawn(process.execPath, [file, ...args], { stdio: ['ignore', 'pipe', 'inherit'], env });
  let lastWords = '';
  createInterface({ input: child.stdout }).on('line', (line) => {
    const said = saidSchema.safeParse(parse(line)).data;
    lastWords = said?.message ?? lastWords;
    if (said?.ready === true) onReady(said, child.pid);
  });
  // A terminal sends Ctrl-C to the program too; it takes the second for the first.
  onInterrupt(() => child.kill('SIGTERM'));
  const code = await new Promise<number>((resolve) => child.once('close', (exit, signal) => resolve(exit ?? (signal === null ? 1 : 128))));
  if (code === 0) return EXIT.done;
  const exitCode = [EXIT.definition, EXIT.unreachable, EXIT.credentials].find((known) => known === code) ?? EXIT.failed;
  const message = lastWords === '' ? `The ${name} ended with exit code ${code}.` : lastWords;
  throw new CliError({ exitCode, code: `${name.toUpperCase()}_ENDED`, message });
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
