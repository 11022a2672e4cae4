import type { Rejection } from '../../engine/errors.ts';
import type { Outcome } from '../../engine/outcome.ts';
import { isSealed, type Vault } from '../vault.ts';
import type { Database } from './database.ts';

/** When a rejection that may pass is tried again at the earliest. */
const RETRY_LATER_MS = 300_000;

export interface Refusal {
  readonly scope: string;
  readonly key: string;
  readonly rejection: Rejection;
  /** Of the content that was refused. */
  readonly contentHash: string;
  /** The source record as the vault wrote it: for a later retry. Its form, plain or encrypted, is that of the rejection too. */
  readonly source: string;
  readonly at: number;
}

/** Keeps what was refused, so that the same content is not sent again, and can be tried again when asked. */
export function noteRefusal(database: Database, vault: Vault, { scope, key, rejection, contentHash, source, at }: Refusal): void {
  database.run(
    `INSERT INTO records (scope, key, last_outcome, rejected_hash, rejection, rejected_source, retry_at) VALUES (?, ?, 'rejected', ?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET last_outcome = 'rejected', rejected_hash = excluded.rejected_hash, rejection = excluded.rejection,
       rejected_source = excluded.rejected_source, retry_at = excluded.retry_at`,
    scope,
    key,
    contentHash,
    vault.write({ ...rejection }, isSealed(source)),
    source,
    rejection.retry === 'later' ? at + RETRY_LATER_MS : null,
  );
}

/** Content that the target has, or that is filtered now, is no longer refused. */
export function forgetRefusal(database: Database, scope: string, key: string, outcome: 'unchanged' | 'skipped'): void {
  const sql = `UPDATE records SET last_outcome = ?, rejected_hash = NULL, rejection = NULL, rejected_source = NULL, retry_at = NULL WHERE scope = ? AND key = ?`;
  database.run(sql, outcome, scope, key);
}

/** What became of a record last; the rest of what is known of it stays. */
export function noteOutcome(database: Database, scope: string, key: string, outcome: Outcome): void {
  const sql = 'INSERT INTO records (scope, key, last_outcome) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET last_outcome = excluded.last_outcome';
  database.run(sql, scope, key, outcome);
}
