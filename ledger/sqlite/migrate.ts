import type { DatabaseSync } from 'node:sqlite';
import { SyncError } from '../../engine/errors.ts';
import { MIGRATIONS } from './migrations/index.ts';
import type { Migration } from './migrations/migration.ts';

/**
 * Brings the tables up to date, under an exclusive lock: of several processes that open the file at once, one does it. May throw SQLITE_BUSY, having changed nothing.
 * @returns the version before, where this call brought an older one up to date
 * @throws SyncError STORE_UNAVAILABLE where the file is of a newer program, or no ledger
 */
export function migrate(sqlite: DatabaseSync, path: string, migrations: readonly Migration[] = MIGRATIONS): number | undefined {
  if (readVersion(sqlite, path) === migrations.length) return undefined;
  sqlite.exec('BEGIN EXCLUSIVE');
  try {
    sqlite.exec('CREATE TABLE IF NOT EXISTS schema_version (version INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_at INTEGER NOT NULL) STRICT');
    const version = readVersion(sqlite, path);
    if (version > migrations.length)
      throw unusable(
        `The ledger ${path} was written by a newer Syncline (version ${version} of its tables; this one knows ${migrations.length}): update Syncline here.`,
      );
    for (const migration of migrations.slice(version)) {
      sqlite.exec(migration.sql);
      sqlite.prepare('INSERT INTO schema_version VALUES (?, ?, ?)').run(migration.version, migration.name, Date.now());
    }
    sqlite.exec('COMMIT');
    return version > 0 && version < migrations.length ? version : undefined;
  } catch (error) {
    if (sqlite.isTransaction) sqlite.exec('ROLLBACK');
    throw error;
  }
}

function readVersion(sqlite: DatabaseSync, path: string): number {
  const tables = new Set(
    sqlite
      .prepare(`SELECT name FROM sqlite_schema WHERE type = 'table'`)
      .all()
      .map((row) => row['name']),
  );
  if (tables.has('schema_version')) return Number(sqlite.prepare('SELECT coalesce(max(version), 0) AS version FROM schema_version').get()?.['version']);
  if (tables.size > 0) throw unusable(`${path} is not a ledger of this Syncline: move that file away, or name another one under "ledger" in syncline.yaml.`);
  return 0;
}

function unusable(message: string): SyncError {
  return new SyncError({ code: 'STORE_UNAVAILABLE', retry: 'never', message });
}
