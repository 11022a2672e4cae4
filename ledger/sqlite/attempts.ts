import type { SendAttempt } from '../ledger.ts';
import type { Database } from './database.ts';

/** Writes down the requests that a batch cost, numbered on. */
export function insertAttempts(database: Database, batchId: string, attempts: readonly SendAttempt[]): void {
  if (attempts.length === 0) return;
  for (const attempt of attempts) {
    database.run(
      `INSERT INTO attempts (batch_id, n, sent_at, answered_at, status, request_id, method, path, failure)
       VALUES (?1, (SELECT count(*) FROM attempts WHERE batch_id = ?1), ?2, ?3, ?4, ?5, ?6, ?7, ?8)`,
      batchId,
      Math.round(attempt.sentAt),
      attempt.answeredAt === undefined ? null : Math.round(attempt.answeredAt),
      attempt.status ?? null,
      attempt.requestId ?? null,
      attempt.method,
      attempt.path,
      attempt.failure ?? null,
    );
  }
  database.run('UPDATE batches SET attempts = attempts + ? WHERE id = ?', attempts.length, batchId);
}
