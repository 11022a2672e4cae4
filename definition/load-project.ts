import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { didYouMean } from '../engine/suggest.ts';
import { checkConnection } from './check-connection.ts';
import { checkObjects } from './check-objects.ts';
import { checkSync } from './check-sync.ts';
import { type Environment, loadEnvironment } from './environment.ts';
import { type Mistake, sortMistakes } from './mistake.ts';
import { type ProjectFiles, readProjectFiles } from './project-files.ts';

export interface LoadOptions {
  /** Default: the project's `defaultProfile`. */
  readonly profile?: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** A project folder as it is on the disk now. Mistakes are values: loading never throws for what a user wrote. */
export interface LoadedProject {
  readonly directory: string;
  readonly name: string;
  readonly profile: string;
  readonly files: ProjectFiles;
  readonly environment: Environment;
  /** In the order of files and lines. */
  readonly mistakes: readonly Mistake[];
}

export function loadProject(directory: string, options: LoadOptions): LoadedProject {
  const found: Mistake[] = [];
  const environment = loadEnvironment(directory, options.env);
  const files = readProjectFiles(directory, found);
  const profile = options.profile ?? files.project?.value.defaultProfile ?? 'dev';
  if (!existsSync(join(directory, 'syncline.yaml'))) {
    const message = 'there is no project here: change into one, name it with --project, or make one with "syncline init NAME"';
    found.push({ file: 'syncline.yaml', line: 0, column: 0, path: '', message, severity: 'error', kind: 'definition' });
  } else {
    found.push(...checkProfile(files, options.profile));
    for (const connection of files.connections.values()) found.push(...checkConnection(files, connection, profile, environment));
    for (const connector of files.connectors.values()) {
      for (const [name, object] of Object.entries(connector.value.objects)) found.push(...checkObjects(connector.file, ['objects', name], object));
    }
    for (const sync of files.syncs.values()) found.push(...checkSync(files, sync));
  }
  return { directory, name: files.project?.value.name ?? 'unnamed', profile, files, environment, mistakes: sortMistakes(found) };
}

/** A profile that no connection has is a typing mistake. */
function checkProfile(files: ProjectFiles, asked: string | undefined): Mistake[] {
  const known = new Set([...files.connections.values()].flatMap(({ value }) => Object.keys(value.profiles ?? {})));
  if (asked === undefined || known.size === 0 || known.has(asked) || files.project === undefined) return [];
  return [files.project.file.mistake([], `no connection has a profile "${asked}"${didYouMean(asked, known)}; there are ${[...known].join(', ')}`)];
}

/** Errors stop a run; warnings do not. */
export function errorsOf(project: LoadedProject): readonly Mistake[] {
  return project.mistakes.filter((mistake) => mistake.severity === 'error');
}
