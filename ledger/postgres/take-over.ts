import type { ChangeStore, UnknownBatch } from '../ledger.ts';
import { readBatchJob } from '../rows/batch-job.ts';
import { readClaimedChange, readKind } from '../rows/claimed-change.ts';
import { number, text } from '../rows/row.ts';
import { claimLost } from '../rows/segment-row.ts';
import { readUnknownBatch } from '../rows/unknown-batch.ts';
import type { TextBatch } from '../text-ledger.ts';
import type { Vault } from '../vault.ts';
import { shareScopeOfBatch } from './locks.ts';
import type { Session } from './session.ts';

const COLUMNS = `b.id, b.run_id, b.kind, b.size, b.state, b.send_by, b.ended_at, b.token, b.claimed_at, b.job_id, b.job_state, b.job_due_at,
  CASE WHEN EXISTS (SELECT 1 FROM changes a WHERE a.batch_id = b.id AND a.state <> 'sending') THEN 1 ELSE 0 END AS is_part`;
const OWN = `SELECT ${COLUMNS} FROM batches b WHERE b.state <> 'settled' AND b.run_id = $1 AND b.segment = $2`;
const OF_ENDED_RUNS = `
  SELECT ${COLUMNS} FROM batches b WHERE b.state <> 'settled' AND b.scope = (SELECT scope FROM runs WHERE id = $1)
    AND b.run_id <> $1 AND EXISTS (SELECT 1 FROM runs r WHERE r.id = b.run_id AND r.ended_at IS NOT NULL)`;

/** See `ChangeStore.listUnresolved`; oldest first. */
export async function listUnresolved(session: Session, runId: string, segment: number, ownTokens: readonly string[]): Promise<readonly UnknownBatch[]> {
  const rows = [...(await session.all(OWN, runId, segment)), ...(segment === 0 ? await session.all(OF_ENDED_RUNS, runId) : [])];
  return rows
    .filter((row) => text(row, 'state') === 'unknown' || !ownTokens.includes(text(row, 'token')))
    .toSorted((one, other) => number(one, 'claimed_at') - number(other, 'claimed_at'))
    .map(readUnknownBatch);
}

const BLOCKING = `
  SELECT ${COLUMNS} FROM batches b WHERE b.state <> 'settled' AND b.id IN (
    SELECT f.batch_id FROM changes c
        CROSS JOIN LATERAL (SELECT * FROM changes WHERE target_scope = c.target_scope AND match = c.match AND match >= '' AND state = 'sending' OFFSET 0) f
      WHERE c.run_id = $1 AND c.segment = $2 AND c.state = 'planned' AND f.run_id <> c.run_id
    UNION SELECT f.batch_id FROM changes c LEFT JOIN LATERAL (SELECT * FROM records WHERE scope = c.scope AND key = c.key OFFSET 0) r ON true
        CROSS JOIN LATERAL (
          SELECT * FROM changes WHERE target_scope = c.target_scope AND target_id = coalesce(c.target_id, r.target_id) AND target_id IS NOT NULL AND state = 'sending' OFFSET 0) f
      WHERE c.run_id = $1 AND c.segment = $2 AND c.state = 'planned' AND f.run_id <> c.run_id
    UNION SELECT f.batch_id FROM changes c
        CROSS JOIN LATERAL (SELECT * FROM changes WHERE scope = c.scope AND key = c.key AND key >= '' AND state = 'sending' OFFSET 0) f
      WHERE c.run_id = $1 AND c.segment = $2 AND c.state = 'planned' AND f.run_id <> c.run_id)
  ORDER BY b.claimed_at LIMIT 20`;

/** See `ChangeStore.listBlocking`. */
export async function listBlocking(session: Session, runId: string, segment: number): Promise<readonly UnknownBatch[]> {
  return (await session.all(BLOCKING, runId, segment)).map(readUnknownBatch);
}

const TAKE = `
  UPDATE batches SET token = $2, send_by = $3, state = 'sending', taken_over_at = coalesce($4::bigint, taken_over_at), ended_at = NULL WHERE id = $1 AND state <> 'settled' AND ($5::text IS NULL OR token = $5)
  RETURNING kind, attempts, job_id, job_state, job_due_at`;

/** See `ChangeStore.takeOver`. */
export async function takeOver(session: Session, vault: Vault, input: Parameters<ChangeStore['takeOver']>[0]): Promise<TextBatch> {
  const { batchId, token, at, from, isRenewal = false } = input;
  const sendBy = Math.round(input.sendBy);
  await shareScopeOfBatch(session, batchId);
  const batch = await session.get(TAKE, batchId, token, sendBy, isRenewal ? null : Math.round(at), from ?? null);
  if (batch === undefined) throw claimLost(`batch ${batchId}`);
  const rows = await session.all(`SELECT * FROM changes WHERE batch_id = $1 AND state = 'sending' ORDER BY id`, batchId);
  const changes = rows.map((row) => readClaimedChange(vault, row));
  return { id: batchId, token, kind: readKind(batch), changes, attempts: number(batch, 'attempts'), sendBy, ...readBatchJob(batch) };
}
