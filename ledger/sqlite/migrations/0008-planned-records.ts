import type { Migration } from './migration.ts';

/** What a run that applies a plan may do, and to which records. */
export const plannedRecords: Migration = {
  version: 8,
  name: 'planned-records',
  sql: `
  CREATE TABLE planned_records (
    run_id TEXT NOT NULL, key TEXT NOT NULL, action TEXT NOT NULL, content_hash TEXT NOT NULL, shown_hash TEXT, PRIMARY KEY (run_id, key)
  ) STRICT, WITHOUT ROWID;
  `,
};
