import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { buildWithGo, GO_VERSION } from '../../worker/temporal-server/build-with-go.ts';
import { withCacheLock } from '../../worker/temporal-server/cache-lock.ts';

/** As the images of docker-compose.yml have it. */
export const TEMPORAL_SERVER_VERSION = '1.31.2';
const MODULE = 'go.temporal.io/server';
const PROGRAMS = { 'temporal-server': `${MODULE}/cmd/server`, 'temporal-sql-tool': `${MODULE}/cmd/tools/sql` };

const GO_MOD = `module syncline.invalid/temporal-server

go ${GO_VERSION}

require ${MODULE} v${TEMPORAL_SERVER_VERSION}

${Object.values(PROGRAMS)
  .map((each) => `tool ${each}`)
  .join('\n')}
`;

/** Where the server for production and the tool for its tables are, or will be, under the names that the images give them. */
export function serverProgramsFolder(): string {
  const cache = process.env['XDG_CACHE_HOME'] ?? join(process.env['HOME'] ?? homedir(), '.cache');
  return join(cache, 'syncline', 'temporal-server', TEMPORAL_SERVER_VERSION);
}

export function hasServerPrograms(): boolean {
  return Object.keys(PROGRAMS).every((name) => existsSync(join(serverProgramsFolder(), name)));
}

/** Builds them from their pinned Go module, once: two minutes on two cores. @throws Error where there is no Go, or no module proxy */
export async function ensureServerPrograms(): Promise<string> {
  const folder = serverProgramsFolder();
  if (hasServerPrograms()) return folder;
  const onProgress = (text: string) => process.stderr.write(`  ${text}\n`);
  const build = { what: "Temporal's server with PostgreSQL", duration: '2 to 5 minutes', goMod: GO_MOD, programs: PROGRAMS };
  await withCacheLock(folder, { onProgress }, async () => {
    if (!hasServerPrograms()) await buildWithGo(folder, build, { env: process.env, onProgress });
  });
  return folder;
}
