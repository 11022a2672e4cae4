import type { Migration } from './migration.ts';

const NAME = 'text COLLATE "C"';

/** What pages of lists said, by the validators that they came with. */
export const rememberedPages: Migration = {
  version: 4,
  name: 'remembered-pages',
  sql: `
  CREATE TABLE remembered_pages (
    scope ${NAME} NOT NULL, place ${NAME} NOT NULL, basis text NOT NULL, body text NOT NULL, kept_at bigint NOT NULL, PRIMARY KEY (scope, place)
  )`,
};
