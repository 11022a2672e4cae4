import type { Migration } from './migration.ts';

/** How often an incident began again soon after its end, which syncs nobody is to be told of for a while, and what each account has of quotas. */
export const alertPauses: Migration = {
  version: 17,
  name: 'alert pauses',
  sql: `
  ALTER TABLE incidents ADD COLUMN flaps INTEGER NOT NULL DEFAULT 0;
  CREATE TABLE alert_mutes (scope TEXT PRIMARY KEY, until INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE limit_quotas (account TEXT NOT NULL, per_ms INTEGER NOT NULL, count INTEGER NOT NULL, PRIMARY KEY (account, per_ms)) STRICT, WITHOUT ROWID;
  `,
};
