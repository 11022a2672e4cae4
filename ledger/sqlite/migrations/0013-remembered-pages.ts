import type { Migration } from './migration.ts';

/** What pages of lists said, by the validators that they came with. */
export const rememberedPages: Migration = {
  version: 13,
  name: 'remembered-pages',
  sql: `
  CREATE TABLE remembered_pages (
    scope TEXT NOT NULL, place TEXT NOT NULL, basis TEXT NOT NULL, body TEXT NOT NULL, kept_at INTEGER NOT NULL, PRIMARY KEY (scope, place)
  ) STRICT, WITHOUT ROWID`,
};
