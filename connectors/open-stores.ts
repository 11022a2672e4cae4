import { createHash } from 'node:crypto';
import type { ResolvedConnection } from '../definition/resolved.ts';
import { canonicalJson } from '../engine/content-hash.ts';
import type { Json } from '../engine/json.ts';
import { openFileConnection } from './file/open-file-connection.ts';
import type { OpenConnection } from './ports.ts';
import type { Database } from './sql/database.ts';
import { openDatabase, openSqlConnection } from './sql/open-sql-connection.ts';

/** What is no REST API: databases, each opened once, and files. */
export interface Stores {
  open(account: string, connection: ResolvedConnection): OpenConnection;
  close(): Promise<void>;
}

export interface StoresOptions {
  readonly resolveSecrets: (value: Json) => Json;
  readonly directory?: string;
}

/** One pool of connections for each account and URL; a run that was frozen with an earlier one keeps a pool of its own until all are closed. */
export function openStores({ resolveSecrets, directory = process.cwd() }: StoresOptions): Stores {
  const databases = new Map<string, Database>();
  return {
    open: (account, connection) => {
      if (connection.kind === 'files') return openFileConnection(connection, directory);
      const place = String(resolveSecrets(connection.database ?? ''));
      const key = `${account} ${fingerprint([place, connection.limits.concurrency ?? null, { ...connection.timeouts }])}`;
      const database = databases.get(key) ?? openDatabase(connection, place, directory);
      databases.set(key, database);
      return openSqlConnection(database, connection);
    },
    close: async () => {
      const open = [...databases.values()];
      databases.clear();
      await Promise.all(open.map((database) => database.close()));
    },
  };
}

/** Equal where a database would be the same; gives no secret away. */
function fingerprint(value: Json): string {
  return createHash('sha256').update(canonicalJson(value)).digest('base64url');
}
