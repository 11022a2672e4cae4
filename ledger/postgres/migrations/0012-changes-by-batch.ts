import type { Migration } from './migration.ts';

/** What has become of the changes of a batch is asked for while others of it wait for their answer. A change that is being sent has an index of its own. */
export const changesByBatch: Migration = {
  version: 12,
  name: 'changes by batch',
  sql: `CREATE INDEX changes_by_batch ON changes (batch_id) WHERE batch_id IS NOT NULL AND state <> 'sending'`,
};
