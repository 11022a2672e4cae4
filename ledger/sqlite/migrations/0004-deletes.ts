import type { Migration } from './migration.ts';

/** Which records a sync created itself, what a run found missing at the source, and the segment in which it takes that from the target. */
export const deletes: Migration = {
  version: 4,
  name: 'deletes',
  sql: `
  ALTER TABLE records ADD COLUMN is_created INTEGER NOT NULL DEFAULT 0;
  UPDATE records SET is_created = 1 WHERE EXISTS (
    SELECT 1 FROM changes c WHERE c.scope = records.scope AND c.key = records.key AND c.created = 1);

  ALTER TABLE runs ADD COLUMN sweep TEXT;
  ALTER TABLE segments ADD COLUMN is_sweep INTEGER NOT NULL DEFAULT 0;

  CREATE TABLE absences (run_id TEXT NOT NULL, key TEXT NOT NULL, state TEXT NOT NULL, PRIMARY KEY (run_id, key)) STRICT, WITHOUT ROWID;
  `,
};
