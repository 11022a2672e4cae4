import type { Migration } from './migration.ts';

/** Records of which a write is unknown are few, and asked for often. */
export const unknownRecords: Migration = {
  version: 20,
  name: 'unknown records',
  sql: `CREATE INDEX records_unknown ON records (scope, key) WHERE has_unknown`,
};
