import type { Migration } from './migration.ts';

const NAME = 'text COLLATE "C"';

/** The log of what people and schedules did, each entry with the hash of the one before. */
export const audit: Migration = {
  version: 3,
  name: 'audit',
  sql: `
  CREATE TABLE audit (
    n bigint PRIMARY KEY, at bigint NOT NULL, actor text NOT NULL, host text NOT NULL, way text NOT NULL, project ${NAME} NOT NULL, profile ${NAME} NOT NULL,
    action ${NAME} NOT NULL, sync ${NAME}, run_id ${NAME}, details text NOT NULL, previous text NOT NULL, hash text NOT NULL
  );
  CREATE INDEX audit_by_run ON audit (run_id, action) WHERE run_id IS NOT NULL;

  CREATE FUNCTION audit_is_only_added_to() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''the audit log is only added to''; END';
  CREATE TRIGGER audit_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON audit FOR EACH STATEMENT EXECUTE FUNCTION audit_is_only_added_to();
  `,
};
