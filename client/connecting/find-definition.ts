import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Proposal } from '../../connectors/draft/probe/findings.ts';
import type { ResolvedConnection } from '../../definition/resolved.ts';
import type { YamlEntry } from '../../definition/write-yaml.ts';
import { YamlFile } from '../../definition/yaml-file.ts';

/** A file of the project that describes an object. */
export interface DefinitionFile {
  /** From the project folder. */
  readonly file: string;
  readonly text: string;
  /** It is the connection's: of an API's errors it may say nothing. */
  readonly isConnection: boolean;
  /** Error rules are there already: others might go before them. */
  readonly hasErrors: boolean;
}

/** Where an object is described: in its connection, or in a connector of the project; undefined where the connector ships with Syncline. */
export function findDefinition(directory: string, { name, connector }: ResolvedConnection, object: string): DefinitionFile | undefined {
  const connection = read(directory, 'connections', name);
  if (connection?.yaml.valueAt(['objects', object]) !== undefined) return described(connection, true);
  const own = read(directory, 'connectors', connector);
  return own === undefined ? undefined : described(own, false);
}

function described({ file, text, yaml }: ReadFile, isConnection: boolean): DefinitionFile {
  return { file, text, isConnection, hasErrors: yaml.valueAt(['errors']) !== undefined };
}

interface ReadFile {
  readonly file: string;
  readonly text: string;
  readonly yaml: YamlFile;
}

function read(directory: string, folder: string, name: string): ReadFile | undefined {
  const file = [`${folder}/${name}.yaml`, `${folder}/${name}.yml`].find((each) => existsSync(join(directory, each)));
  if (file === undefined) return undefined;
  const text = readFileSync(join(directory, file), 'utf8');
  return { file, text, yaml: new YamlFile(file, text) };
}

/** What of the proposals has a place in the file; the others are for its reader. */
export function entriesOf({ isConnection, hasErrors }: DefinitionFile, object: string, proposals: readonly Proposal[]): readonly YamlEntry[] {
  return proposals
    .filter(({ path }) => path[0] !== 'errors' || !(isConnection || hasErrors))
    .map(({ of, path, value, why }) => ({ path: of === 'object' ? ['objects', object, ...path] : path, value, comment: `probed: ${why}` }));
}
