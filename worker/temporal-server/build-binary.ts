import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { FindBinaryOptions } from './find-binary.ts';
import { TEMPORAL_CLI_VERSION } from './version.ts';

/** The released CLI depends on a module of its own repository by a commit that the release does not name. */
const CLIEXT = 'github.com/temporalio/cli/cliext v0.0.0-20260731000218-c579925f193f';
const GO_VERSION = '1.26.4';
const PROGRESS_EVERY_MS = 15_000;

const GO_MOD = `module syncline.invalid/temporal

go ${GO_VERSION}

require github.com/temporalio/cli v${TEMPORAL_CLI_VERSION}

tool github.com/temporalio/cli/cmd/temporal

replace github.com/temporalio/cli/cliext => ${CLIEXT}
`;

/** Builds the official CLI from its pinned Go module: needs Go and a module proxy, and some minutes the first time. @throws Error with a sentence for the list of what was tried */
export async function buildBinary(target: string, { env, onProgress }: FindBinaryOptions): Promise<void> {
  if (spawnSync('go', ['version'], { env }).status !== 0) throw new Error('build failed: there is no Go');
  mkdirSync(dirname(target), { recursive: true });
  const folder = mkdtempSync(join(dirname(target), 'build-'));
  const startedAt = Date.now();
  const tell = (what: string) => onProgress(`${what}: ${Math.round((Date.now() - startedAt) / 1000)} s (4 to 8 minutes, this once)`);
  let step = 'fetching the modules of the Temporal server';
  tell(step);
  const timer = setInterval(() => tell(step), PROGRESS_EVERY_MS);
  try {
    writeFileSync(join(folder, 'go.mod'), GO_MOD);
    await go(['mod', 'tidy'], folder, env);
    step = 'building the Temporal server with Go';
    tell(step);
    await go(['build', '-trimpath', '-ldflags=-s -w', '-o', join(folder, 'temporal'), 'github.com/temporalio/cli/cmd/temporal'], folder, env);
    // Atomic: of two builds at once the later one wins, and nobody runs half a file.
    renameSync(join(folder, 'temporal'), target);
  } catch (error) {
    throw new Error(`build failed: ${error instanceof Error ? error.message : String(error)}`);
  } finally {
    clearInterval(timer);
    rmSync(folder, { recursive: true, force: true });
  }
}

function go(args: readonly string[], folder: string, env: NodeJS.ProcessEnv): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn('go', args, {
      cwd: folder,
      env: { ...env, GOTOOLCHAIN: 'auto', GOFLAGS: '-mod=mod -buildvcs=false' },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let errors = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (errors = (errors + text).slice(-2_000)));
    child.once('error', reject);
    child.once('close', (code) => (code === 0 ? resolve() : reject(new Error(`go ${args[0]}: ${errors.trim().split('\n').at(-1) ?? `exit ${code}`}`))));
  });
}
