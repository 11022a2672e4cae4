import type { Migration } from './migration.ts';

/** Runs of windows beside the live run of their scope: each keeps what it sees in a lane of its own until it ends. */
export const lanes: Migration = {
  version: 2,
  name: 'lanes',
  sql: `
  ALTER TABLE runs ADD COLUMN lane text NOT NULL DEFAULT '';
  DROP INDEX one_live_run;
  CREATE UNIQUE INDEX one_live_run ON runs (scope, lane) WHERE state IN ('running', 'paused')`,
};
