import type { Migration } from './migration.ts';

/** Jobs of a target that write a batch: their id, whether they may have begun, and when they are asked about next. */
export const batchJobs: Migration = {
  version: 9,
  name: 'batch jobs',
  sql: `
  ALTER TABLE batches ADD COLUMN job_id text;
  ALTER TABLE batches ADD COLUMN job_state text;
  ALTER TABLE batches ADD COLUMN job_due_at bigint`,
};
