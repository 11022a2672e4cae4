import type { Migration } from './migration.ts';

/** What went wrong by the rules of alerts, and which channels were told of its begin and its end. */
export const incidents: Migration = {
  version: 14,
  name: 'incidents',
  sql: `
  CREATE TABLE incidents (
    id TEXT PRIMARY KEY, scope TEXT NOT NULL, rule TEXT NOT NULL, what TEXT NOT NULL, opened_by TEXT NOT NULL, opened_at INTEGER NOT NULL, closed_by TEXT,
    closed_at INTEGER
  ) STRICT;
  CREATE UNIQUE INDEX incidents_open ON incidents (scope, rule) WHERE closed_at IS NULL;
  CREATE INDEX incidents_of_scope ON incidents (scope);
  CREATE TABLE incident_notices (
    incident_id TEXT NOT NULL, channel TEXT NOT NULL, event TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (incident_id, channel, event)
  ) STRICT, WITHOUT ROWID`,
};
