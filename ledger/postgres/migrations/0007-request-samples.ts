import type { Migration } from './migration.ts';

const NAME = 'text COLLATE "C"';

/** Some of the requests and answers, and which source records they are about. */
export const requestSamples: Migration = {
  version: 7,
  name: 'request-samples',
  sql: `
  CREATE TABLE request_samples (
    id ${NAME} PRIMARY KEY, scope ${NAME} NOT NULL, run_id ${NAME} NOT NULL, sent_at bigint NOT NULL, is_error integer NOT NULL, body text NOT NULL
  );
  CREATE INDEX request_samples_of_scope ON request_samples (scope, sent_at);
  CREATE INDEX request_samples_of_time ON request_samples (sent_at);
  CREATE TABLE sample_keys (
    scope ${NAME} NOT NULL, key ${NAME} NOT NULL, sample_id ${NAME} NOT NULL, PRIMARY KEY (scope, key, sample_id)
  );
  CREATE INDEX sample_keys_of_sample ON sample_keys (sample_id)`,
};
