import type { Migration } from './migration.ts';

const NAME = 'text COLLATE "C"';

/** How often an incident began again soon after its end, which syncs nobody is to be told of for a while, and what each account has of quotas. */
export const alertPauses: Migration = {
  version: 8,
  name: 'alert pauses',
  sql: `
  ALTER TABLE incidents ADD COLUMN flaps integer NOT NULL DEFAULT 0;
  CREATE TABLE alert_mutes (scope ${NAME} PRIMARY KEY, until bigint NOT NULL);
  CREATE TABLE limit_quotas (account ${NAME} NOT NULL, per_ms bigint NOT NULL, count bigint NOT NULL, PRIMARY KEY (account, per_ms))`,
};
