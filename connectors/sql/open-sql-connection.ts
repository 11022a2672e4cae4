import { isAbsolute, join } from 'node:path';
import type { ResolvedConnection } from '../../definition/resolved.ts';
import type { OpenConnection } from '../ports.ts';
import type { Database } from './database.ts';
import { openPostgres } from './postgres/open-postgres.ts';
import { openSqlDiscovery } from './sql-discovery.ts';
import { openSqlSource } from './sql-source.ts';
import { DEFAULT_CONCURRENCY, openSqlTarget } from './sql-target.ts';
import { invalid } from './sql-trouble.ts';
import { openSqlite } from './sqlite/open-sqlite.ts';

/**
 * The database of a connection. Nothing is asked of it yet.
 * @param place its URL or file, secrets resolved
 * @param directory what the file is relative to
 * @throws DEFINITION_INVALID where the URL is none
 */
export function openDatabase({ name, kind, limits, timeouts }: ResolvedConnection, place: string, directory: string): Database {
  const options = { connection: name, concurrency: limits.concurrency ?? DEFAULT_CONCURRENCY, requestMs: timeouts.requestMs };
  if (kind === 'postgres') return openPostgres({ ...options, url: place, connectMs: timeouts.connectMs });
  return openSqlite({ ...options, shown: place, path: isAbsolute(place) ? place : join(directory, place) });
}

/** The objects of one database: its tables, and the statements that the connection describes. */
export function openSqlConnection(database: Database, connection: ResolvedConnection): OpenConnection {
  const objectOf = (objectName: string) => {
    const object = Object.hasOwn(connection.objects, objectName) ? connection.objects[objectName] : undefined;
    if (object === undefined) throw invalid(`Connection ${connection.name} has no object "${objectName}".`);
    return object;
  };
  return {
    address: database.address,
    source: (objectName, observer) => {
      const { table, query, orderedBy } = objectOf(objectName);
      const rule = table === undefined ? (query === undefined ? undefined : { query }) : { table };
      if (rule === undefined) throw invalid(`${connection.name}.${objectName} cannot be read: it is neither a \`table\` nor a \`query\`.`);
      return openSqlSource({ database, connection: connection.name, objectName, rule, orderedBy, observer });
    },
    target: (objectName, matchOn, observer) => {
      const { table } = objectOf(objectName);
      if (table === undefined) throw invalid(`${connection.name}.${objectName} cannot be written: only a \`table\` can.`);
      return openSqlTarget({ database, connection, objectName, table, matchOn, observer });
    },
    probe: async (signal) => {
      if (database.canBeMade() && Object.values(connection.objects).some(({ table }) => table?.createTable === true)) return;
      const columns = [{ name: 'one', type: '', isRequired: true, read: () => 1 }];
      await database.read({ sql: 'SELECT 1 AS "one"', values: [], columns }, connection.name, signal);
    },
    discover: openSqlDiscovery(database, connection),
  };
}
