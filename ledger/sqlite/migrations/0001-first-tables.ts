import type { Migration } from './migration.ts';

/** Times are milliseconds since the epoch. What may hold a value of a record is written by the vault: `payload`, `source`, `rejection`, `note`, `detail`, cursors; `match` is a fingerprint. */
export const firstTables: Migration = {
  version: 1,
  name: 'first-tables',
  sql: `
  CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

  CREATE TABLE definitions (hash TEXT PRIMARY KEY, scope TEXT NOT NULL, body TEXT NOT NULL, created_at INTEGER NOT NULL) STRICT;

  CREATE TABLE runs (
    id TEXT PRIMARY KEY, scope TEXT NOT NULL, trigger TEXT NOT NULL, options TEXT NOT NULL, state TEXT NOT NULL, phase TEXT NOT NULL,
    definition_hash TEXT, workflow_id TEXT, first_execution_run_id TEXT, requested_at INTEGER NOT NULL, started_at INTEGER, ended_at INTEGER,
    window TEXT NOT NULL DEFAULT '{}', read_started_at INTEGER, control TEXT NOT NULL DEFAULT '{"paused":false}', waits TEXT NOT NULL DEFAULT '{}',
    failure TEXT, totals TEXT, expected INTEGER
  ) STRICT;
  CREATE INDEX runs_by_scope ON runs (scope, requested_at);
  CREATE UNIQUE INDEX one_live_run ON runs (scope) WHERE state IN ('running', 'paused');

  -- idx -1 carries what a run costs outside its segments.
  CREATE TABLE segments (
    run_id TEXT NOT NULL, idx INTEGER NOT NULL, state TEXT NOT NULL, reader_token TEXT, cursor TEXT, is_last INTEGER NOT NULL DEFAULT 0, opened_at INTEGER NOT NULL,
    max_cursor_value TEXT, records INTEGER NOT NULL DEFAULT 0, bytes INTEGER NOT NULL DEFAULT 0, pages INTEGER NOT NULL DEFAULT 0,
    taken INTEGER NOT NULL DEFAULT 0, retried INTEGER NOT NULL DEFAULT 0, seen_again INTEGER NOT NULL DEFAULT 0, unchanged INTEGER NOT NULL DEFAULT 0, skipped INTEGER NOT NULL DEFAULT 0,
    rejected INTEGER NOT NULL DEFAULT 0, held INTEGER NOT NULL DEFAULT 0, superseded INTEGER NOT NULL DEFAULT 0, written INTEGER NOT NULL DEFAULT 0,
    created INTEGER NOT NULL DEFAULT 0, updated INTEGER NOT NULL DEFAULT 0,
    requests INTEGER NOT NULL DEFAULT 0, retries INTEGER NOT NULL DEFAULT 0, throttled INTEGER NOT NULL DEFAULT 0,
    failures INTEGER NOT NULL DEFAULT 0, first_failure_at INTEGER,
    PRIMARY KEY (run_id, idx)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE records (
    scope TEXT NOT NULL, key TEXT NOT NULL, target_scope TEXT, target_id TEXT, content_hash TEXT, told_by TEXT, match TEXT, payload TEXT, source_version TEXT,
    observed_at INTEGER, last_outcome TEXT, rejected_hash TEXT, rejection TEXT, rejected_source TEXT, retry_at INTEGER, has_unknown INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (scope, key)
  ) STRICT;
  -- Where the target itself takes an upsert by match value, nobody asks by it, and an index in no order costs a page a record.
  CREATE INDEX records_by_match ON records (match) WHERE told_by IN ('create', 'update');
  CREATE INDEX records_refused ON records (scope, key) WHERE last_outcome IN ('rejected', 'held');

  -- One narrow row a record: all that a read costs where nothing has changed.
  CREATE TABLE sightings (
    scope TEXT NOT NULL, key TEXT NOT NULL, first_run TEXT NOT NULL, first_seen_at INTEGER NOT NULL, last_run TEXT NOT NULL, last_segment INTEGER NOT NULL,
    last_seen_at INTEGER NOT NULL, disposition TEXT NOT NULL, reason TEXT, change_id INTEGER,
    PRIMARY KEY (scope, key)
  ) STRICT, WITHOUT ROWID;

  -- What a read decided without a change: refused, held, left out. Written when it is new, not at each read.
  CREATE TABLE verdicts (
    id INTEGER PRIMARY KEY, scope TEXT NOT NULL, key TEXT NOT NULL, run_id TEXT NOT NULL, at INTEGER NOT NULL, disposition TEXT NOT NULL, reason TEXT, detail TEXT
  ) STRICT;
  CREATE INDEX verdicts_by_key ON verdicts (scope, key);

  CREATE TABLE changes (
    id INTEGER PRIMARY KEY, run_id TEXT NOT NULL, segment INTEGER NOT NULL, scope TEXT NOT NULL, key TEXT NOT NULL, kind TEXT NOT NULL, state TEXT NOT NULL,
    outcome TEXT, created INTEGER, hold_reason TEXT, note TEXT, rejection TEXT, content_hash TEXT NOT NULL, match TEXT NOT NULL,
    target_scope TEXT NOT NULL, target_id TEXT, source_version TEXT, observed_at INTEGER NOT NULL, bytes INTEGER NOT NULL, batch_id TEXT, earlier_batches TEXT,
    batch_limit INTEGER, batch_group TEXT, staged_at INTEGER NOT NULL, settled_at INTEGER, payload TEXT, source TEXT
  ) STRICT;
  CREATE INDEX changes_planned ON changes (run_id, segment, id) WHERE state = 'planned';
  CREATE INDEX changes_by_key ON changes (scope, key);
  CREATE INDEX changes_by_batch ON changes (batch_id) WHERE batch_id IS NOT NULL;
  -- Never two in flight for one target record, whatever it is known by. A lost answer keeps the place.
  CREATE UNIQUE INDEX in_flight_by_match ON changes (target_scope, match) WHERE state = 'sending';
  CREATE UNIQUE INDEX in_flight_by_key ON changes (scope, key) WHERE state = 'sending';
  CREATE UNIQUE INDEX in_flight_by_target_id ON changes (target_scope, target_id) WHERE state = 'sending' AND target_id IS NOT NULL;

  CREATE TABLE batches (
    id TEXT PRIMARY KEY, run_id TEXT NOT NULL, segment INTEGER NOT NULL, scope TEXT NOT NULL, kind TEXT NOT NULL, token TEXT NOT NULL, send_by INTEGER NOT NULL,
    state TEXT NOT NULL, size INTEGER NOT NULL, attempts INTEGER NOT NULL DEFAULT 0, claimed_at INTEGER NOT NULL, unknown_at INTEGER, taken_over_at INTEGER
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX batches_open ON batches (scope, run_id, segment) WHERE state <> 'settled';
  CREATE INDEX batches_open_by_run ON batches (run_id, segment) WHERE state <> 'settled';

  CREATE TABLE attempts (
    batch_id TEXT NOT NULL, n INTEGER NOT NULL, sent_at INTEGER NOT NULL, answered_at INTEGER, status INTEGER, request_id TEXT, method TEXT NOT NULL,
    path TEXT NOT NULL, failure TEXT, PRIMARY KEY (batch_id, n)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE lookups (
    run_id TEXT NOT NULL, lookup TEXT NOT NULL, value TEXT NOT NULL, id_hash TEXT NOT NULL, id TEXT NOT NULL, PRIMARY KEY (run_id, lookup, value, id_hash)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE cursors (scope TEXT PRIMARY KEY, value TEXT NOT NULL, full_read_at INTEGER, saved_at INTEGER NOT NULL) STRICT;
  CREATE TABLE credentials (account TEXT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL, saved_at INTEGER NOT NULL, PRIMARY KEY (account, name)) STRICT;
  CREATE TABLE leases (name TEXT PRIMARY KEY, holder TEXT NOT NULL, expires_at INTEGER NOT NULL) STRICT;
  `,
};
