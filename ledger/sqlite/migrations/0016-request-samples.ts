import type { Migration } from './migration.ts';

/** Some of the requests and answers, and which source records they are about. */
export const requestSamples: Migration = {
  version: 16,
  name: 'request-samples',
  sql: `
  CREATE TABLE request_samples (
    id TEXT PRIMARY KEY, scope TEXT NOT NULL, run_id TEXT NOT NULL, sent_at INTEGER NOT NULL, is_error INTEGER NOT NULL, body TEXT NOT NULL
  ) STRICT;
  CREATE INDEX request_samples_of_scope ON request_samples (scope, sent_at);
  CREATE INDEX request_samples_of_time ON request_samples (sent_at);
  CREATE TABLE sample_keys (
    scope TEXT NOT NULL, key TEXT NOT NULL, sample_id TEXT NOT NULL, PRIMARY KEY (scope, key, sample_id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX sample_keys_of_sample ON sample_keys (sample_id)`,
};
