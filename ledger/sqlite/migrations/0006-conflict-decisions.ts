import type { Migration } from './migration.ts';

/** What a person decided about a record that both sides changed: this content is to be written all the same. */
export const conflictDecisions: Migration = {
  version: 6,
  name: 'conflict-decisions',
  sql: `
  CREATE TABLE conflict_decisions (
    scope TEXT NOT NULL, key TEXT NOT NULL, content_hash TEXT NOT NULL, decided_at INTEGER NOT NULL, PRIMARY KEY (scope, key)
  ) STRICT, WITHOUT ROWID;
  `,
};
