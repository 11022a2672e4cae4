import type { Migration } from './migration.ts';

/** The log of what people and schedules did, each entry with the hash of the one before. */
export const audit: Migration = {
  version: 12,
  name: 'audit',
  sql: `
  CREATE TABLE audit (
    n INTEGER PRIMARY KEY, at INTEGER NOT NULL, actor TEXT NOT NULL, host TEXT NOT NULL, way TEXT NOT NULL, project TEXT NOT NULL, profile TEXT NOT NULL,
    action TEXT NOT NULL, sync TEXT, run_id TEXT, details TEXT NOT NULL, previous TEXT NOT NULL, hash TEXT NOT NULL
  ) STRICT;
  CREATE INDEX audit_by_run ON audit (run_id, action) WHERE run_id IS NOT NULL;

  CREATE TRIGGER audit_stays_as_it_is BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the audit log is only added to'); END;
  CREATE TRIGGER audit_stays BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'the audit log is only added to'); END;
  `,
};
