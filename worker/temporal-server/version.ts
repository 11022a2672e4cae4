import { homedir } from 'node:os';
import { join } from 'node:path';

/** The official Temporal CLI that holds the development server and its Web UI. */
export const TEMPORAL_CLI_VERSION = '1.8.2';

/** Where the binary is kept between runs and projects. */
export function cachedBinaryPath(env: NodeJS.ProcessEnv): string {
  const cache = env['XDG_CACHE_HOME'] ?? join(env['HOME'] ?? homedir(), '.cache');
  return join(cache, 'syncline', 'temporal', TEMPORAL_CLI_VERSION, 'temporal');
}
