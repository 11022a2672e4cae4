import type { Migration } from './migration.ts';

/** Webhooks that were acknowledged: which of them came before, and what they say until it is done. */
export const deliveries: Migration = {
  version: 15,
  name: 'deliveries',
  sql: `
  CREATE TABLE deliveries (
    connection TEXT NOT NULL, delivery_id TEXT NOT NULL, received_at INTEGER NOT NULL, keep_until INTEGER NOT NULL, PRIMARY KEY (connection, delivery_id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX deliveries_by_end ON deliveries (keep_until);
  CREATE TABLE delivered_events (
    id INTEGER PRIMARY KEY, scope TEXT NOT NULL, key TEXT NOT NULL, kind TEXT NOT NULL, version TEXT, occurred_at INTEGER, record TEXT, received_at INTEGER NOT NULL,
    due_at INTEGER NOT NULL, tries INTEGER NOT NULL DEFAULT 0, run_id TEXT, segment INTEGER, taken_at INTEGER, drained_at INTEGER
  ) STRICT;
  CREATE INDEX events_open ON delivered_events (scope, id) WHERE drained_at IS NULL;
  CREATE INDEX events_taken ON delivered_events (run_id, segment) WHERE drained_at IS NULL AND run_id IS NOT NULL;
  CREATE INDEX events_by_key ON delivered_events (scope, key, taken_at);
  CREATE INDEX events_drained ON delivered_events (drained_at) WHERE drained_at IS NOT NULL;
  -- Somebody was asked to look at the open events of a sync, and has not yet.
  CREATE TABLE event_wakes (scope TEXT PRIMARY KEY, asked_at INTEGER NOT NULL) STRICT, WITHOUT ROWID`,
};
