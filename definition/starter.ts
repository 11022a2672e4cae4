import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { SyncError } from '../engine/errors.ts';
import { DEFINITION_KINDS, definitionJsonSchema } from './json-schema.ts';
import { starterFiles } from './starter-files.ts';

/**
 * Writes a commented starter project that passes `check`, with the JSON Schemas that editors use.
 * @param directory a folder that is not there, or empty; its name becomes the project's
 * @returns the files written, relative to the folder
 * @throws SyncError DEFINITION_INVALID where the folder holds something already, or its name is no project name
 */
export async function writeStarter(directory: string): Promise<readonly string[]> {
  if (!isFree(directory)) throw refused(`${directory} is not empty: name a new folder.`);
  const name = basename(directory).toLowerCase();
  if (!/^[a-z0-9][a-z0-9-]*$/.test(name)) throw refused(`"${basename(directory)}" is no project name: use lower-case letters, digits and hyphens.`);
  const schemas = DEFINITION_KINDS.map((kind) => [`.syncline/schema/${kind}.json`, `${JSON.stringify(definitionJsonSchema(kind), null, 2)}\n`] as const);
  const files = starterFiles(name);
  for (const [file, text] of [...files, ...schemas]) {
    const path = join(directory, file);
    mkdirSync(dirname(path), { recursive: true, ...(file.startsWith('.syncline') ? { mode: 0o700 } : {}) });
    writeFileSync(path, text, file === '.env' ? { mode: 0o600 } : {});
  }
  return files.map(([file]) => file);
}

function isFree(directory: string): boolean {
  const found = statSync(directory, { throwIfNoEntry: false });
  return found === undefined || (found.isDirectory() && readdirSync(directory).length === 0);
}

function refused(message: string): SyncError {
  return new SyncError({ code: 'DEFINITION_INVALID', retry: 'never', message });
}
