import type { Migration } from './migration.ts';

/**
 * What a record refers to and was not there: a row for each. `content_hash` is what the record was written with instead, and the row counts while the target was told just
 * that; without one the record is held, and the row counts while it is.
 */
export const awaitedReferences: Migration = {
  version: 7,
  name: 'awaited-references',
  sql: `
  CREATE TABLE awaited_references (
    scope TEXT NOT NULL, key TEXT NOT NULL, ref_scope TEXT NOT NULL, ref_key TEXT NOT NULL, content_hash TEXT, source TEXT, PRIMARY KEY (scope, key, ref_scope, ref_key)
  ) STRICT, WITHOUT ROWID;
  `,
};
