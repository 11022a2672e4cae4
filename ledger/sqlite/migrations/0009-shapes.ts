import type { Migration } from './migration.ts';

/** What the records of a source look like: while a run reads, by segment; then one for each run; and what is expected of the next. */
export const shapes: Migration = {
  version: 9,
  name: 'shapes',
  sql: `
  CREATE TABLE segment_shapes (run_id TEXT NOT NULL, segment INTEGER NOT NULL, body TEXT NOT NULL, PRIMARY KEY (run_id, segment)) STRICT, WITHOUT ROWID;

  CREATE TABLE shapes (run_id TEXT PRIMARY KEY, scope TEXT NOT NULL, kept_at INTEGER NOT NULL, body TEXT NOT NULL, findings TEXT, accepted_at INTEGER) STRICT, WITHOUT ROWID;
  CREATE INDEX shapes_by_scope ON shapes (scope, kept_at);

  CREATE TABLE expected_shapes (scope TEXT PRIMARY KEY, source TEXT NOT NULL, body TEXT NOT NULL, kept_at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  `,
};
