import type { Migration } from './migration.ts';

/** What was refused or held keeps the pace of its retries, and the mapping it was refused under; what a target took at once is remembered; so is when a lost request ended. */
export const retries: Migration = {
  version: 2,
  name: 'retries',
  sql: `
  ALTER TABLE records ADD COLUMN refusals INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE records ADD COLUMN first_refused_at INTEGER;
  ALTER TABLE records ADD COLUMN refused_by TEXT;

  ALTER TABLE batches ADD COLUMN ended_at INTEGER;

  CREATE TABLE batch_limits (
    target_scope TEXT NOT NULL, kind TEXT NOT NULL, max_bytes INTEGER NOT NULL, learned_at INTEGER NOT NULL, PRIMARY KEY (target_scope, kind)
  ) STRICT, WITHOUT ROWID;
  `,
};
