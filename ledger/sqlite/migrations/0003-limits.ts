import type { Migration } from './migration.ts';

/** How the limits of an account are divided among those who use it, what of a quota is used, when the next spaced request may go, and until when nobody may. */
export const limits: Migration = {
  version: 3,
  name: 'limits',
  sql: `
  CREATE TABLE limit_holders (
    account TEXT NOT NULL, holder TEXT NOT NULL, weight REAL NOT NULL, demand REAL NOT NULL, share REAL NOT NULL, places_wanted INTEGER NOT NULL, places INTEGER NOT NULL,
    had_place_at INTEGER NOT NULL, expires_at INTEGER NOT NULL, PRIMARY KEY (account, holder)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE limit_uses (
    account TEXT NOT NULL, per_ms INTEGER NOT NULL, bucket INTEGER NOT NULL, uses INTEGER NOT NULL, PRIMARY KEY (account, per_ms, bucket)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE limit_slots (account TEXT NOT NULL, per_ms INTEGER NOT NULL, next_at REAL NOT NULL, PRIMARY KEY (account, per_ms)) STRICT, WITHOUT ROWID;

  CREATE TABLE limit_blocks (account TEXT PRIMARY KEY, until INTEGER NOT NULL, reason TEXT NOT NULL) STRICT, WITHOUT ROWID;
  `,
};
