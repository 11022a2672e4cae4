import type { SendAttempt } from '../ledger.ts';
import type { Session } from './session.ts';

const INSERT = `
  INSERT INTO attempts (batch_id, n, sent_at, answered_at, status, request_id, method, path, failure)
  SELECT $1, (SELECT count(*) FROM attempts WHERE batch_id = $1) + a.n - 1, a.sent_at, a.answered_at, a.status, a.request_id, a.method, a.path, a.failure
  FROM unnest($2::bigint[], $3::bigint[], $4::integer[], $5::text[], $6::text[], $7::text[], $8::text[])
    WITH ORDINALITY AS a(sent_at, answered_at, status, request_id, method, path, failure, n)`;

/** Writes down the requests that a batch cost, numbered on. Its row is held by this transaction. */
export async function insertAttempts(session: Session, batchId: string, attempts: readonly SendAttempt[]): Promise<void> {
  if (attempts.length === 0) return;
  await session.run(
    INSERT,
    batchId,
    attempts.map(({ sentAt }) => Math.round(sentAt)),
    attempts.map(({ answeredAt }) => (answeredAt === undefined ? null : Math.round(answeredAt))),
    attempts.map(({ status }) => status ?? null),
    attempts.map(({ requestId }) => requestId ?? null),
    attempts.map(({ method }) => method),
    attempts.map(({ path }) => path),
    attempts.map(({ failure }) => failure ?? null),
  );
  await session.run('UPDATE batches SET attempts = attempts + $2 WHERE id = $1', batchId, attempts.length);
}
