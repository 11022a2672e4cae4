import type { Migration } from './migration.ts';

const NAME = 'text COLLATE "C"';

/** What went wrong by the rules of alerts, and which channels were told of its begin and its end. */
export const incidents: Migration = {
  version: 5,
  name: 'incidents',
  sql: `
  CREATE TABLE incidents (
    id ${NAME} PRIMARY KEY, scope ${NAME} NOT NULL, rule text NOT NULL, what text NOT NULL, opened_by ${NAME} NOT NULL, opened_at bigint NOT NULL,
    closed_by ${NAME}, closed_at bigint
  );
  CREATE UNIQUE INDEX incidents_open ON incidents (scope, rule) WHERE closed_at IS NULL;
  CREATE INDEX incidents_of_scope ON incidents (scope);
  CREATE TABLE incident_notices (
    incident_id ${NAME} NOT NULL, channel ${NAME} NOT NULL, event ${NAME} NOT NULL, at bigint NOT NULL, PRIMARY KEY (incident_id, channel, event)
  )`,
};
