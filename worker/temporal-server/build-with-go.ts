import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EnsureBinaryOptions } from './ensure-temporal-binary.ts';
import { runGo } from './run-go.ts';

/** What Temporal's modules ask for; a Go from 1.21 on fetches it by itself. */
export const GO_VERSION = '1.26.4';
const OLDEST_GO = [1, 21] as const;
const TELL_EVERY_MS = 10_000;
const FOLDER_PREFIX = 'build-';

export interface GoBuild {
  /** For people: "the Temporal server". */
  readonly what: string;
  /** For people, the first time: "4 to 8 minutes". */
  readonly duration: string;
  /** The whole text of a go.mod that requires what is built. */
  readonly goMod: string;
  /** Packages by the name that their program gets. */
  readonly programs: Readonly<Record<string, string>>;
}

type BuildOptions = Pick<EnsureBinaryOptions, 'env' | 'onProgress' | 'signal'>;

/**
 * Builds programs from pinned Go modules into a folder, each put there in one move. Whoever calls holds the folder's lock. Needs Go and a module proxy.
 * @throws Error with a sentence for the list of what was tried
 */
export async function buildWithGo(target: string, build: GoBuild, { env, onProgress, signal }: BuildOptions): Promise<void> {
  checkGo(env);
  removeLeftovers(target);
  const folder = mkdtempSync(join(target, FOLDER_PREFIX));
  const startedAt = Date.now();
  const run = async (what: string, args: readonly string[]) => {
    const tell = () => onProgress(`${what}, ${elapsed(Date.now() - startedAt)} (${build.duration} in all, only this once)`);
    tell();
    const timer = setInterval(tell, TELL_EVERY_MS);
    await runGo(args, { folder, env, signal }).finally(() => clearInterval(timer));
  };
  try {
    writeFileSync(join(folder, 'go.mod'), build.goMod);
    await run(`fetching the Go modules of ${build.what}`, ['mod', 'tidy']);
    for (const [name, goPackage] of Object.entries(build.programs))
      await run(`building ${build.what}`, ['build', '-trimpath', '-ldflags=-s -w', '-o', join(folder, name), goPackage]);
    for (const name of Object.keys(build.programs)) renameSync(join(folder, name), join(target, name));
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
