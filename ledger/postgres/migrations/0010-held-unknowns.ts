import type { Migration } from './migration.ts';

/** Writes without an answer that a person is to decide about keep their match value to themselves. */
export const heldUnknowns: Migration = {
  version: 10,
  name: 'held unknowns',
  sql: `CREATE INDEX held_unknown_by_match ON changes (target_scope, match) WHERE hold_reason = 'unknown'`,
};
