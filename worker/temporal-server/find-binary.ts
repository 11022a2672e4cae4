import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { buildBinary } from './build-binary.ts';
import { downloadBinary } from './download-binary.ts';
import { cachedBinaryPath, TEMPORAL_CLI_VERSION } from './version.ts';

export interface FindBinaryOptions {
  readonly env: NodeJS.ProcessEnv;
  /** Told what is going on while it takes long. */
  readonly onProgress: (text: string) => void;
}

/**
 * The Temporal server's binary: on PATH, in the cache, downloaded, or built with Go from its pinned module, in this order.
 * @throws Error that names what was tried, and what to install
 */
export async function findBinary(options: FindBinaryOptions): Promise<string> {
  const onPath = findOnPath(options.env);
  if (onPath !== undefined) return onPath;
  const cached = cachedBinaryPath(options.env);
  if (isExecutable(cached)) return cached;
  const tried = [`no "temporal" on PATH`, `none in the cache (${cached})`];
  for (const rung of [downloadBinary, buildBinary]) {
    try {
      await rung(cached, options);
      return cached;
    } catch (error) {
      tried.push(error instanceof Error ? error.message : String(error));
    }
  }
  const list = tried.map((reason) => `  - ${reason}`).join('\n');
  throw new Error(
    `No Temporal server could be had. Tried:\n${list}\nInstall the Temporal CLI ${TEMPORAL_CLI_VERSION} (https://docs.temporal.io/cli), or Go 1.21 or newer, or set TEMPORAL_ADDRESS.`,
  );
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
