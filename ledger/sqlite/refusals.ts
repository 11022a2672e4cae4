import type { Rejection } from '../../engine/errors.ts';
import type { Outcome } from '../../engine/outcome.ts';
import type { RefusalTerms } from '../ledger.ts';
import { countRefusal, repeatedPace, retryOfHold, retryOfRefusal } from '../rows/refusal-pace.ts';
import type { Row } from '../rows/row.ts';
import { isSealed, type Vault } from '../vault.ts';
import type { Database } from './database.ts';

/** A record that was not written, and what a later run needs to try again. */
interface Unwritten {
  readonly scope: string;
  readonly key: string;
  /** The source record as the vault wrote it. Its form, plain or encrypted, is that of the rejection too. */
  readonly source: string;
  /** It was told again, and nothing was read for its sake: it is kept without a source. */
  readonly isAside?: boolean;
  readonly at: number;
  readonly terms: RefusalTerms;
}

export interface Refusal extends Unwritten {
  readonly rejection: Rejection;
  /** Of the content that was refused. */
  readonly contentHash: string;
}

export interface Hold extends Unwritten {
  /** Nothing is wrong with it: it waits for an answer, or for another record, and every run looks whether that is there. */
  readonly isWaiting: boolean;
}

/** What a record is no longer refused for. */
export const CLEARED = `rejected_hash = NULL, rejection = NULL, rejected_source = NULL, retry_at = NULL, refusals = 0, first_refused_at = NULL, refused_by = NULL`;

/** Keeps what was refused, so that the same content is not sent again too soon, and can be tried again. */
export function noteRefusal(database: Database, vault: Vault, refusal: Refusal): void {
  const { scope, key, rejection, contentHash, source, isAside, at, terms } = refusal;
  const pace = countRefusal(knownRefusal(database, scope, key), contentHash, at);
  database.run(
    `INSERT INTO records (scope, key, last_outcome, rejected_hash, rejection, rejected_source, retry_at, refusals, first_refused_at, refused_by)
     VALUES (?, ?, 'rejected', ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET last_outcome = 'rejected', rejected_hash = excluded.rejected_hash, rejection = excluded.rejection, rejected_source = excluded.rejected_source,
       retry_at = excluded.retry_at, refusals = excluded.refusals, first_refused_at = excluded.first_refused_at, refused_by = excluded.refused_by`,
    scope,
    key,
    contentHash,
    vault.write({ ...rejection }, isSealed(source)),
    isAside === true ? null : source,
    retryOfRefusal(pace, rejection, at, terms) ?? null,
    pace.refusals,
    pace.firstAt,
    terms.mappingHash,
  );
}

/** The same content was refused once more, without a word that is new: its pauses grow, and the mapping that refused it is today's. */
export function repeatRefusal(database: Database, scope: string, key: string, at: number, terms: RefusalTerms): void {
  const known = database.get(`SELECT refusals, first_refused_at, retry_at FROM records WHERE scope = ? AND key = ?`, scope, key);
  if (known === undefined) return;
  const { refusals, retryAt } = repeatedPace(known, at, terms);
  const sql = `UPDATE records SET last_outcome = 'rejected', refusals = ?, retry_at = ?, refused_by = ? WHERE scope = ? AND key = ?`;
  database.run(sql, refusals, retryAt ?? null, terms.mappingHash, scope, key);
}

/** Keeps what was held, so that a later run can try it again although its reading has moved on. An earlier refusal stays known. */
export function noteHold(database: Database, hold: Hold): void {
  const { scope, key, source, isAside, at, terms, isWaiting } = hold;
  const pace = countRefusal(knownRefusal(database, scope, key), undefined, at);
  database.run(
    `INSERT INTO records (scope, key, last_outcome, rejected_source, retry_at, refusals, first_refused_at, refused_by) VALUES (?, ?, 'held', ?, ?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET last_outcome = 'held', rejected_source = excluded.rejected_source, retry_at = excluded.retry_at, refusals = excluded.refusals,
       first_refused_at = excluded.first_refused_at, refused_by = excluded.refused_by`,
    scope,
    key,
    isAside === true ? null : source,
    retryOfHold(pace, isWaiting, at, terms) ?? null,
    pace.refusals,
    pace.firstAt,
    terms.mappingHash,
  );
}

function knownRefusal(database: Database, scope: string, key: string): Row {
  return database.get('SELECT last_outcome, rejected_hash, refusals, first_refused_at FROM records WHERE scope = ? AND key = ?', scope, key) ?? {};
}

/** Content that the target has, or that is filtered now, is no longer refused. */
export function forgetRefusal(database: Database, scope: string, key: string, outcome: 'unchanged' | 'skipped'): void {
  database.run(`UPDATE records SET last_outcome = ?, ${CLEARED} WHERE scope = ? AND key = ?`, outcome, scope, key);
}

/** The record was written: its last outcome is told by what it was told. */
export function clearRefusal(database: Database, scope: string, key: string): void {
  database.run(`UPDATE records SET ${CLEARED} WHERE scope = ? AND key = ?`, scope, key);
}

/** What became of a record last; the rest of what is known of it stays. */
export function noteOutcome(database: Database, scope: string, key: string, outcome: Outcome): void {
  const sql = 'INSERT INTO records (scope, key, last_outcome) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET last_outcome = excluded.last_outcome';
  database.run(sql, scope, key, outcome);
}
