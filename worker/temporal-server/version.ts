import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

/** The official Temporal CLI that holds the development server and its Web UI. */
export const TEMPORAL_CLI_VERSION = '1.8.2';

/** Where the binary is kept between runs and projects. */
export function cachedBinaryPath(env: NodeJS.ProcessEnv): string {
  return join(cacheFolder(env), 'temporal', TEMPORAL_CLI_VERSION, 'temporal');
}

/** What may be had again. By the XDG Base Directory Specification a variable that is empty, or no absolute path, counts as none. */
export function cacheFolder({ XDG_CACHE_HOME: cache = '', HOME: home }: NodeJS.ProcessEnv): string {
  return join(isAbsolute(cache) ? cache : join(home ?? homedir(), '.cache'), 'syncline');
}
