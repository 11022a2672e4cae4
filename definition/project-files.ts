import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { z } from 'zod';
import { suggest } from '../engine/suggest.ts';
import { fileMistake, type Mistake } from './mistake.ts';
import { type Loaded, parseDefinition, UNNAMED } from './parse-definition.ts';
import { type Connection, connectionSchema } from './schema/connection.ts';
import { type Connector, connectorSchema } from './schema/connector.ts';
import { type Project, projectSchema } from './schema/project.ts';
import { type Sync, syncSchema } from './schema/sync.ts';
import { YamlFile } from './yaml-file.ts';

export interface ProjectFiles {
  /** Also with mistakes, as far as it can be mended; undefined where there is none. */
  readonly project: Loaded<Project> | undefined;
  readonly connections: ReadonlyMap<string, Loaded<Connection>>;
  readonly syncs: ReadonlyMap<string, Loaded<Sync>>;
  /** Own ones, and those that ship and a connection uses; an own one goes before a shipped one of its name. */
  readonly connectors: ReadonlyMap<string, Loaded<Connector>>;
  /** Names of files that are there, also of those with mistakes: who refers to them is not told that they are missing. */
  readonly present: { readonly connections: readonly string[]; readonly connectors: readonly string[] };
}

/** In the repository and in the compiled package alike: beside this room. */
export const SHIPPED_CONNECTORS = fileURLToPath(new URL('../connectors/manifests/', import.meta.url));
const FOLDERS = ['connections', 'syncs', 'connectors'] as const;
const FILE = /\.ya?ml$/;
/** Names of definitions and profiles become parts of workflow ids, task queues and ledger rows. */
export const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;

/** What a required key is while it is missing: see `parseDefinition`. */
const STAND_INS = {
  project: { name: 'unnamed' },
  connection: { connector: UNNAMED },
  sync: {
    source: { connection: UNNAMED, object: UNNAMED },
    target: { connection: UNNAMED, object: UNNAMED, matchOn: UNNAMED },
    mapping: { [UNNAMED]: { value: '' } },
  },
  connector: {},
} as const;

export interface ShippedConnectors {
  readonly folder: string;
  /** Also those that no connection uses: each takes a moment to read. */
  readonly isWhole: boolean;
}

/** Reads and parses all files of a project; what is wrong goes into `mistakes`. */
export function readProjectFiles(directory: string, { folder, isWhole }: ShippedConnectors, mistakes: Mistake[]): ProjectFiles {
  const connections = loadFolder(directory, 'connections', connectionSchema, STAND_INS.connection, mistakes);
  const syncs = loadFolder(directory, 'syncs', syncSchema, STAND_INS.sync, mistakes);
  const used = new Set([...connections.loaded.values()].map(({ value }) => value.connector));
  const shipped = loadFolder(folder, '', connectorSchema, STAND_INS.connector, mistakes, (name) => isWhole || used.has(name));
  const own = loadFolder(directory, 'connectors', connectorSchema, STAND_INS.connector, mistakes);
  mistakes.push(...strayFolders(directory));
  return {
    project: loadProjectFile(directory, mistakes),
    connections: connections.loaded,
    syncs: syncs.loaded,
    connectors: new Map([...shipped.loaded, ...own.loaded]),
    present: { connections: connections.names, connectors: [...shipped.names, ...own.names] },
  };
}

function loadProjectFile(directory: string, mistakes: Mistake[]): Loaded<Project> | undefined {
  const entries = list(directory);
  if (entries.some(({ name }) => name === 'syncline.yaml')) return loadFile(directory, 'syncline.yaml', 'syncline', projectSchema, STAND_INS.project, mistakes);
  const other = entries.some(({ name }) => name === 'syncline.yml');
  const message = 'there is no project here: change into one, name it with --project, or make one with "syncline init NAME"';
  mistakes.push(fileMistake('syncline.yaml', other ? 'rename syncline.yml to syncline.yaml' : message));
  return undefined;
}

/** @param isRead the others are named, and not looked at */
function loadFolder<Schema extends z.ZodType>(
  directory: string,
  folder: string,
  schema: Schema,
  standIns: object,
  mistakes: Mistake[],
  isRead: (name: string) => boolean = () => true,
) {
  const loaded = new Map<string, Loaded<z.output<Schema>>>();
  const names: string[] = [];
  for (const entry of list(join(directory, folder))) {
    const file = folder === '' ? entry.name : `${folder}/${entry.name}`;
    const name = entry.name.replace(FILE, '');
    if (entry.isDirectory && folder !== '') mistakes.push(fileMistake(file, 'folders in here are not read', 'warning'));
    if (entry.isDirectory || !FILE.test(entry.name)) continue;
    if (!NAME.test(name)) mistakes.push(fileMistake(file, 'the name of a definition has letters, digits, hyphens, dots and underscores only'));
    if (names.includes(name)) mistakes.push(fileMistake(file, `there is another file for "${name}": keep one`));
    names.push(name);
    if (!isRead(name)) continue;
    const definition = loadFile(directory, file, name, schema, standIns, mistakes);
    if (definition !== undefined) loaded.set(name, definition);
  }
  return { loaded, names };
}

function loadFile<Schema extends z.ZodType>(directory: string, file: string, name: string, schema: Schema, standIns: object, mistakes: Mistake[]) {
  const text = read(join(directory, file));
  if (text === undefined) {
    mistakes.push(fileMistake(file, 'cannot be read: is it a file, and yours to read?'));
    return undefined;
  }
  const yaml = new YamlFile(file, text);
  mistakes.push(...yaml.mistakes);
  if (yaml.mistakes.length > 0) return undefined;
  const parsed = parseDefinition(name, yaml, schema, standIns);
  mistakes.push(...parsed.mistakes);
  return parsed.loaded;
}

/** A folder named almost like one that is read. */
function strayFolders(directory: string): Mistake[] {
  return list(directory).flatMap(({ name, isDirectory }) => {
    const meant = isDirectory && !FOLDERS.some((folder) => folder === name) ? suggest(name, FOLDERS) : undefined;
    return meant === undefined ? [] : [fileMistake(name, `this folder is not read, did you mean "${meant}"?`, 'warning')];
  });
}

function list(folder: string): readonly { readonly name: string; readonly isDirectory: boolean }[] {
  try {
    const entries = readdirSync(folder, { withFileTypes: true });
    return entries.map((entry) => ({ name: entry.name, isDirectory: entry.isDirectory() })).toSorted((one, other) => (one.name < other.name ? -1 : 1));
  } catch {
    return []; // no such folder
  }
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
