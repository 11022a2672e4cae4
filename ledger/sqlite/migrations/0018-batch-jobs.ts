import type { Migration } from './migration.ts';

/** Jobs of a target that write a batch: their id, whether they may have begun, and when they are asked about next. */
export const batchJobs: Migration = {
  version: 18,
  name: 'batch jobs',
  sql: `
  ALTER TABLE batches ADD COLUMN job_id TEXT;
  ALTER TABLE batches ADD COLUMN job_state TEXT;
  ALTER TABLE batches ADD COLUMN job_due_at INTEGER`,
};
