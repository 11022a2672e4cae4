import { accessSync, constants } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { SyncError } from '../../engine/errors.ts';
import { buildBinary } from './build-binary.ts';
import { withCacheLock } from './cache-lock.ts';
import { downloadBinary } from './download-binary.ts';
import { probeBinary, type TemporalBinary } from './temporal-binary.ts';
import { cachedBinaryPath, TEMPORAL_CLI_VERSION } from './version.ts';

export interface EnsureBinaryOptions {
  /** PATH, HOME, XDG_CACHE_HOME, proxies and Go's settings are taken from here. */
  readonly env: NodeJS.ProcessEnv;
  /** Told what is going on while it takes long. */
  readonly onProgress: (text: string) => void;
  /** Gives up a download or a build, and leaves nothing behind. */
  readonly signal?: AbortSignal;
  /** Where the SDKs ask for the CLI. @default https://temporal.download */
  readonly downloadUrl?: string;
}

/** What a rung does: puts the binary at `target`, in one move. @throws Error with a sentence for the list of what was tried */
export type Fetch = (target: string, options: EnsureBinaryOptions) => Promise<void>;

const RUNGS: readonly { readonly name: string; readonly fetch: Fetch }[] = [
  { name: 'download', fetch: downloadBinary },
  { name: 'build with Go', fetch: buildBinary },
];

/**
 * The Temporal server's binary, in this order: on PATH, in the cache, downloaded, built with Go from its pinned module.
 * @throws SyncError that names what was tried, why it failed, and what to install
 */
export async function ensureTemporalBinary(options: EnsureBinaryOptions): Promise<TemporalBinary> {
  const { env } = options;
  const tried: string[] = [];
  const cached = cachedBinaryPath(env);
  for (const [name, path] of [
    ['PATH', findOnPath(env)],
    ['cache', isExecutable(cached) ? cached : undefined],
  ] as const) {
    if (path === undefined) tried.push(name === 'PATH' ? 'PATH: there is no "temporal" on it' : `cache: there is no ${cached}`);
    else {
      const binary = await probeBinary(path, env).catch((error: unknown) => tried.push(`${name}: ${reasonOf(error)}`));
      if (typeof binary === 'object') return binary;
    }
  }
  return withCacheLock(dirname(cached), options, async () => {
    // Another process may have fetched it while this one waited for the lock.
    if (isExecutable(cached)) {
      const binary = await probeBinary(cached, env).catch(() => undefined);
      if (binary !== undefined) return binary;
    }
    return fetchBinary(cached, options, tried);
  });
}

async function fetchBinary(cached: string, options: EnsureBinaryOptions, tried: string[]): Promise<TemporalBinary> {
  for (const { name, fetch } of RUNGS) {
    try {
      await fetch(cached, options);
      return await probeBinary(cached, options.env);
    } catch (error) {
      options.signal?.throwIfAborted();
      tried.push(`${name}: ${reasonOf(error)}`);
    }
  }
  const list = tried.map((reason) => `  - ${reason}`).join('\n');
  throw new SyncError({
    code: 'SYSTEM_UNAVAILABLE',
    retry: 'never',
    message:
      `There is no Temporal server on this machine, and none could be had:\n${list}\n` +
      `Install the Temporal CLI ${TEMPORAL_CLI_VERSION} or newer (https://docs.temporal.io/cli), or Go 1.21 or newer, or set TEMPORAL_ADDRESS to a server that runs.`,
  });
}

function findOnPath(env: NodeJS.ProcessEnv): string | undefined {
  return (env['PATH'] ?? '')
    .split(delimiter)
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, 'temporal'))
    .find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
