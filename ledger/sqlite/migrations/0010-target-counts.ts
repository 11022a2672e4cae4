import type { Migration } from './migration.ts';

/** How many records a target had and how many it was told of, where only they were compared. */
export const targetCounts: Migration = {
  version: 10,
  name: 'target-counts',
  sql: 'ALTER TABLE reconciliations ADD COLUMN counts TEXT',
};
