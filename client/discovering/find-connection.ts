import type { ResolvedConnection } from '../../definition/resolved.ts';
import { didYouMean } from '../../engine/suggest.ts';
import { CliError } from '../cli-error.ts';
import { EXIT } from '../exit-codes.ts';
import type { Project } from '../project.ts';

/**
 * @param objects that are asked for by name, where the connector knows any
 * @throws CliError where there is no such connection; SyncError where it has mistakes
 */
export function findConnection(project: Project, name: string, objects: readonly string[] = []): ResolvedConnection {
  const names = project.connectionNames;
  if (names.includes(name)) return project.connection(name, objects);
  const message = `${project.name} has no connection "${name}"${didYouMean(name, names)}. ${names.length === 0 ? 'It has none yet.' : `It has: ${names.join(', ')}.`}`;
  throw new CliError({ exitCode: EXIT.usage, code: 'UNKNOWN_CONNECTION', message });
}
