import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);
const PROBE_TIMEOUT_MS = 15_000;
const NEEDED_FLAGS = ['--db-filename', '--dynamic-config-value', '--http-port', '--ip', '--metrics-port', '--search-attribute', '--ui-ip'] as const;

/** A Temporal CLI that runs on this machine. */
export interface TemporalBinary {
  readonly path: string;
  /** The flags that its `server start-dev` knows. */
  readonly flags: ReadonlySet<string>;
}

/** Tries a binary. @throws Error that says why it is of no use, for the list of what was tried */
export async function probeBinary(path: string, env: NodeJS.ProcessEnv): Promise<TemporalBinary> {
  const { stdout } = await run(path, ['server', 'start-dev', '--help'], { env, timeout: PROBE_TIMEOUT_MS }).catch((error: unknown) => {
    throw new Error(`${path} does not run: ${firstLine(error)}`);
  });
  const flags = new Set(stdout.match(/--[a-z-]+/g));
  const missing = NEEDED_FLAGS.filter((flag) => !flags.has(flag));
  if (missing.length > 0) throw new Error(`${path} is too old, or no Temporal CLI: its "server start-dev" does not know ${missing.join(', ')}`);
  return { path, flags };
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n', 1)[0] ?? '';
}
