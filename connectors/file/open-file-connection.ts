import { accessSync, constants, statSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import type { ResolvedConnection } from '../../definition/resolved.ts';
import { SyncError } from '../../engine/errors.ts';
import type { Discovery, OpenConnection, RequestObserver } from '../ports.ts';
import { sampledFields } from '../sampled-fields.ts';
import { type FileSourceOptions, openFileSource, readColumns } from './file-source.ts';
import type { JsonMemory } from './read-json.ts';

/** The files of a folder. They are read: a file has no way to take one record again, and no answer that could be lost or found. */
export function openFileConnection(connection: ResolvedConnection, directory: string): OpenConnection {
  const { name, folder: written = '.' } = connection;
  const folder = isAbsolute(written) ? written : join(directory, written);
  const memory: JsonMemory = {};
  const optionsOf = (objectName: string, observer?: RequestObserver): FileSourceOptions => {
    const rule = Object.hasOwn(connection.objects, objectName) ? connection.objects[objectName]?.file : undefined;
    if (rule === undefined) throw invalid(`Connection ${name} has no object "${objectName}" that is a file.`);
    return { folder, connection: name, objectName, rule, observer, memory };
  };
  const source: OpenConnection['source'] = (objectName, observer) => openFileSource(optionsOf(objectName, observer));
  const fields: Discovery['fields'] = async (objectName, signal) => {
    const { facts, origin } = await sampledFields(source(objectName), signal);
    const columns = facts.length > 0 ? [] : await readColumns(optionsOf(objectName), signal);
    return { facts: [...facts, ...columns.map((column) => ({ name: column }))], origin };
  };
  return {
    address: written === '.' ? 'the project folder' : written,
    source,
    target: (objectName) => {
      throw invalid(`${name}.${objectName} cannot be written: files are read only. Write to a table of a database (connector: sqlite is a file, too).`);
    },
    probe: async () => {
      try {
        if (!statSync(folder).isDirectory()) throw new TypeError('no folder');
        accessSync(folder, constants.R_OK | constants.X_OK);
      } catch {
        throw new SyncError({
          code: 'SYSTEM_UNAVAILABLE',
          retry: 'backoff',
          message: `${name}: there is no folder ${written}, or it may not be read. Name it in \`folder\`, from the project folder.`,
        });
      }
    },
    discover: { objects: async () => Object.keys(connection.objects), fields },
  };
}

function invalid(message: string): SyncError {
  return new SyncError({ code: 'DEFINITION_INVALID', retry: 'never', message });
}
