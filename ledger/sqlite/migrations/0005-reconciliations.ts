import type { Migration } from './migration.ts';

/** What was found where the target was read back, and the formats that it gives to values by itself. */
export const reconciliations: Migration = {
  version: 5,
  name: 'reconciliations',
  sql: `
  CREATE TABLE reconciliations (
    id TEXT PRIMARY KEY, scope TEXT NOT NULL, started_at INTEGER NOT NULL, ended_at INTEGER, after_key TEXT NOT NULL, checked INTEGER NOT NULL,
    tally TEXT NOT NULL, formats TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX reconciliations_by_scope ON reconciliations (scope, ended_at);

  CREATE TABLE findings (
    reconciliation_id TEXT NOT NULL, n INTEGER NOT NULL, kind TEXT NOT NULL, key TEXT, body TEXT NOT NULL, PRIMARY KEY (reconciliation_id, n)
  ) STRICT, WITHOUT ROWID;
  `,
};
