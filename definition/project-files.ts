import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { z } from 'zod';
import { YamlFile } from './yaml-file.ts';
import { type Connection, connectionSchema } from './schema/connection.ts';
import { type Connector, connectorSchema } from './schema/connector.ts';
import { type Project, projectSchema } from './schema/project.ts';
import { type Sync, syncSchema } from './schema/sync.ts';
import type { Mistake } from './mistake.ts';
import { mistakesOf } from './zod-mistakes.ts';

/** A definition with the file it stands in. */
export interface Loaded<Value> {
  readonly name: string;
  readonly value: Value;
  readonly file: YamlFile;
}

export interface ProjectFiles {
  readonly project: Loaded<Project> | undefined;
  readonly connections: ReadonlyMap<string, Loaded<Connection>>;
  readonly syncs: ReadonlyMap<string, Loaded<Sync>>;
  /** Shipped and own. */
  readonly connectors: ReadonlyMap<string, Loaded<Connector>>;
  /** Names of files that are there, also of those with mistakes: who refers to them is not told that they are missing. */
  readonly present: { readonly connections: readonly string[]; readonly connectors: readonly string[] };
}

const SHIPPED = fileURLToPath(new URL('../connectors/manifests/', import.meta.url));

/** Reads and parses all files of a project; what is wrong goes into `mistakes`. */
export function readProjectFiles(directory: string, mistakes: Mistake[]): ProjectFiles {
  const projectPath = join(directory, 'syncline.yaml');
  const project = existsSync(projectPath) ? loadFile(directory, 'syncline.yaml', 'syncline', projectSchema, mistakes) : undefined;
  const connections = loadFolder(directory, 'connections', connectionSchema, mistakes);
  const syncs = loadFolder(directory, 'syncs', syncSchema, mistakes);
  const shipped = loadFolder(SHIPPED, '', connectorSchema, mistakes);
  const own = loadFolder(directory, 'connectors', connectorSchema, mistakes);
  return {
    project,
    connections: connections.loaded,
    syncs: syncs.loaded,
    connectors: new Map([...shipped.loaded, ...own.loaded]),
    present: { connections: connections.names, connectors: [...shipped.names, ...own.names] },
  };
}

function loadFolder<Schema extends z.ZodType>(directory: string, folder: string, schema: Schema, mistakes: Mistake[]) {
  const path = join(directory, folder);
  const files = existsSync(path) ? readdirSync(path).filter((file) => /\.ya?ml$/.test(file)).toSorted() : [];
  const loaded = new Map<string, Loaded<z.output<Schema>>>();
  const names = files.map((file) => file.replace(/\.ya?ml$/, ''));
  for (const [index, file] of files.entries()) {
    const definition = loadFile(directory, join(folder, file), names[index] ?? '', schema, mistakes);
    if (definition !== undefined) loaded.set(definition.name, definition);
  }
  return { loaded, names };
}

function loadFile<Schema extends z.ZodType>(directory: string, file: string, name: string, schema: Schema, mistakes: Mistake[]): Loaded<z.output<Schema>> | undefined {
  const yaml = new YamlFile(file, readFileSync(join(directory, file), 'utf8'));
  mistakes.push(...yaml.mistakes);
  if (yaml.mistakes.length > 0) return undefined;
  const parsed = schema.safeParse(yaml.value ?? {});
  if (parsed.success) return { name, value: parsed.data, file: yaml };
  mistakes.push(...mistakesOf(yaml, schema, parsed.error.issues));
  return undefined;
}
