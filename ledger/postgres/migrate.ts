import { SyncError } from '../../engine/errors.ts';
import { number } from '../rows/row.ts';
import { type Database, SCHEMA } from './database.ts';
import { MIGRATIONS } from './migrations/index.ts';
import type { Migration } from './migrations/migration.ts';
import type { ServerAddress } from './server-address.ts';
import type { Session } from './session.ts';

/** Of several processes that start at once, one makes the tables, whichever database of the server they are in. */
const LOCK = 7300;

/**
 * Brings the tables up to date, all steps or none.
 * @returns the version before, where this call brought an older one up to date
 * @throws SyncError STORE_UNAVAILABLE where the tables are of a newer program, or the user may not make them
 */
export async function migrate(database: Database, migrations: readonly Migration[] = MIGRATIONS): Promise<number | undefined> {
  if ((await readVersion(database)) === migrations.length) return undefined;
  return database.write(async (session) => {
    await session.get(`SELECT pg_advisory_xact_lock(${LOCK}) IS NULL AS done`);
    const version = await readVersion(session);
    if (version > migrations.length) throw tooNew(database.address, version, migrations.length);
    if (version === 0) {
      await session.script(`CREATE SCHEMA IF NOT EXISTS ${SCHEMA};
        CREATE TABLE schema_version (version integer PRIMARY KEY, name text NOT NULL, applied_at bigint NOT NULL)`);
    }
    for (const { version: step, name, sql } of migrations.slice(version)) {
      await session.script(sql);
      await session.run('INSERT INTO schema_version VALUES ($1, $2, $3)', step, name, Date.now());
    }
    return version > 0 && version < migrations.length ? version : undefined;
  });
}

/** Steps that were taken; 0: none. */
export async function readVersion(session: Session): Promise<number> {
  const known = await session.get(`SELECT to_regclass('${SCHEMA}.schema_version') IS NOT NULL AS is_there`);
  if (known?.['is_there'] !== 1) return 0;
  return number((await session.get('SELECT coalesce(max(version), 0) AS version FROM schema_version')) ?? {}, 'version');
}

function tooNew({ host, database }: ServerAddress, version: number, known: number): SyncError {
  const message = `The ledger in the database "${database}" at ${host} was written by a newer Syncline (version ${version} of its tables; this one knows ${known}): update Syncline here.`;
  return new SyncError({ code: 'STORE_UNAVAILABLE', retry: 'never', message });
}
