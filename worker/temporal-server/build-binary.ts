import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { EnsureBinaryOptions } from './ensure-temporal-binary.ts';
import { runGo } from './run-go.ts';
import { TEMPORAL_CLI_VERSION } from './version.ts';

/** The released CLI depends on a module of its own repository by a commit that the release does not name. */
const CLIEXT = 'github.com/temporalio/cli/cliext v0.0.0-20260731000218-c579925f193f';
/** What the CLI asks for; a Go from 1.21 on fetches it by itself. */
const GO_VERSION = '1.26.4';
const OLDEST_GO = [1, 21] as const;
const TELL_EVERY_MS = 10_000;
const FOLDER_PREFIX = 'build-';

const GO_MOD = `module syncline.invalid/temporal

go ${GO_VERSION}

require github.com/temporalio/cli v${TEMPORAL_CLI_VERSION}

tool github.com/temporalio/cli/cmd/temporal

replace github.com/temporalio/cli/cliext => ${CLIEXT}
`;

/** Builds the official CLI from its pinned Go module: needs Go and a module proxy, and some minutes the first time. @throws Error with a sentence for the list of what was tried */
export async function buildBinary(target: string, { env, onProgress, signal }: EnsureBinaryOptions): Promise<void> {
  checkGo(env);
  removeLeftovers(dirname(target));
  const folder = mkdtempSync(join(dirname(target), FOLDER_PREFIX));
  const startedAt = Date.now();
  const run = async (what: string, args: readonly string[]) => {
    const tell = () => onProgress(`${what}, ${elapsed(Date.now() - startedAt)} (4 to 8 minutes in all, only this once)`);
    tell();
    const timer = setInterval(tell, TELL_EVERY_MS);
    await runGo(args, { folder, env, signal }).finally(() => clearInterval(timer));
  };
  try {
    writeFileSync(join(folder, 'go.mod'), GO_MOD);
    await run('fetching the Go modules of the Temporal server', ['mod', 'tidy']);
    const output = join(folder, 'temporal');
    await run('building the Temporal server', ['build', '-trimpath', '-ldflags=-s -w', '-o', output, 'github.com/temporalio/cli/cmd/temporal']);
    renameSync(output, target);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function checkGo(env: NodeJS.ProcessEnv): void {
  const found = spawnSync('go', ['version'], { env, encoding: 'utf8' });
  const [, major, minor] = /go(\d+)\.(\d+)/.exec(found.stdout ?? '') ?? [];
  if (found.status !== 0 || major === undefined) throw new Error('there is no Go on PATH');
  if (Number(major) === OLDEST_GO[0] && Number(minor) < OLDEST_GO[1])
    throw new Error(`Go ${major}.${minor} is too old to fetch the Go that is needed (${GO_VERSION})`);
}

/** Of builds that were killed: the lock is ours, so nobody else builds here. */
function removeLeftovers(folder: string): void {
  for (const name of readdirSync(folder)) if (name.startsWith(FOLDER_PREFIX)) rmSync(join(folder, name), { recursive: true, force: true });
}

function elapsed(ms: number): string {
  const seconds = Math.round(ms / 1000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
