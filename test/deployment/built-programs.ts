import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { buildWithGo, GO_VERSION, type GoBuild } from '../../worker/temporal-server/build-with-go.ts';
import { withCacheLock } from '../../worker/temporal-server/cache-lock.ts';
import { cacheFolder } from '../../worker/temporal-server/version.ts';

/** Programs that others keep, built from a pinned Go module when they are first asked for, and kept in the cache folder of this machine. */
export class BuiltPrograms {
  readonly folder: string;
  readonly #build: GoBuild;

  constructor({ name, version, module, ...build }: Omit<GoBuild, 'goMod'> & { readonly name: string; readonly version: string; readonly module: string }) {
    this.folder = join(cacheFolder(process.env), name, version);
    const tools = Object.values(build.programs).map((program) => `tool ${program}\n`);
    this.#build = { ...build, goMod: `module syncline.invalid/${name}\n\ngo ${GO_VERSION}\n\nrequire ${module} v${version}\n\n${tools.join('')}` };
  }

  get areThere(): boolean {
    return Object.keys(this.#build.programs).every((name) => existsSync(join(this.folder, name)));
  }

  /** @returns their folder @throws Error where there is no Go, or no module proxy */
  async ensure(): Promise<string> {
    if (this.areThere) return this.folder;
    const onProgress = (text: string) => process.stderr.write(`  ${text}\n`);
    await withCacheLock(this.folder, { onProgress }, async () => {
      if (!this.areThere) await buildWithGo(this.folder, this.#build, { env: process.env, onProgress });
    });
    return this.folder;
  }
}

/** Temporal's server for production, as the images of docker-compose.yml have it, and the tool for its tables, under the names that the images give them. */
export const TEMPORAL_SERVER_VERSION = '1.31.2';
export const serverPrograms = new BuiltPrograms({
  name: 'temporal-server',
  version: TEMPORAL_SERVER_VERSION,
  module: 'go.temporal.io/server',
  what: "Temporal's server with PostgreSQL",
  duration: '2 to 5 minutes',
  programs: { 'temporal-server': 'go.temporal.io/server/cmd/server', 'temporal-sql-tool': 'go.temporal.io/server/cmd/tools/sql' },
});

/** The Compose specification's own reader. */
export const composeReader = new BuiltPrograms({
  name: 'compose-go',
  version: '2.16.2',
  module: 'github.com/compose-spec/compose-go/v2',
  what: "the Compose specification's reader",
  duration: 'half a minute',
  programs: { 'compose-spec': 'github.com/compose-spec/compose-go/v2/cmd' },
});
