import type { ChangeStore, UnknownBatch } from '../ledger.ts';
import { readBatchJob } from '../rows/batch-job.ts';
import { readClaimedChange, readKind } from '../rows/claimed-change.ts';
import { number, text } from '../rows/row.ts';
import { claimLost } from '../rows/segment-row.ts';
import { readUnknownBatch } from '../rows/unknown-batch.ts';
import type { TextBatch } from '../text-ledger.ts';
import type { Vault } from '../vault.ts';
import type { Database } from './database.ts';

const COLUMNS = `b.id, b.run_id, b.kind, b.size, b.state, b.send_by, b.ended_at, b.token, b.claimed_at, b.job_id, b.job_state, b.job_due_at,
  EXISTS (SELECT 1 FROM changes a WHERE a.batch_id = b.id AND a.state <> 'sending') AS is_part`;
const OWN = `SELECT ${COLUMNS} FROM batches b WHERE b.state <> 'settled' AND b.run_id = ? AND b.segment = ?`;
const OF_ENDED_RUNS = `
  SELECT ${COLUMNS} FROM batches b WHERE b.state <> 'settled' AND b.scope = (SELECT scope FROM runs WHERE id = ?1)
    AND b.run_id <> ?1 AND EXISTS (SELECT 1 FROM runs r WHERE r.id = b.run_id AND r.ended_at IS NOT NULL)`;

/** See `ChangeStore.listUnresolved`; oldest first. */
export function listUnresolved(database: Database, runId: string, segment: number, ownTokens: readonly string[]): readonly UnknownBatch[] {
  const rows = [...database.all(OWN, runId, segment), ...(segment === 0 ? database.all(OF_ENDED_RUNS, runId) : [])];
  return rows
    .filter((row) => text(row, 'state') === 'unknown' || !ownTokens.includes(text(row, 'token')))
    .toSorted((one, other) => number(one, 'claimed_at') - number(other, 'claimed_at'))
    .map(readUnknownBatch);
}

const BLOCKING = `
  SELECT ${COLUMNS} FROM batches b WHERE b.state <> 'settled' AND b.id IN (
    SELECT f.batch_id FROM changes c INDEXED BY changes_planned JOIN changes f INDEXED BY in_flight_by_match ON f.target_scope = c.target_scope AND f.match = c.match AND f.state = 'sending'
      WHERE c.run_id = ?1 AND c.segment = ?2 AND c.state = 'planned' AND f.run_id <> c.run_id
    UNION SELECT f.batch_id FROM changes c INDEXED BY changes_planned LEFT JOIN records r ON r.scope = c.scope AND r.key = c.key
      JOIN changes f INDEXED BY in_flight_by_target_id ON f.target_scope = c.target_scope AND f.target_id = coalesce(c.target_id, r.target_id) AND f.target_id IS NOT NULL AND f.state = 'sending'
      WHERE c.run_id = ?1 AND c.segment = ?2 AND c.state = 'planned' AND f.run_id <> c.run_id
    UNION SELECT f.batch_id FROM changes c INDEXED BY changes_planned JOIN changes f INDEXED BY in_flight_by_key ON f.scope = c.scope AND f.key = c.key AND f.state = 'sending'
      WHERE c.run_id = ?1 AND c.segment = ?2 AND c.state = 'planned' AND f.run_id <> c.run_id)
  ORDER BY b.claimed_at LIMIT 20`;

/** See `ChangeStore.listBlocking`. */
export function listBlocking(database: Database, runId: string, segment: number): readonly UnknownBatch[] {
  return database.all(BLOCKING, runId, segment).map(readUnknownBatch);
}

/** See `ChangeStore.takeOver`. */
export function takeOver(database: Database, vault: Vault, input: Parameters<ChangeStore['takeOver']>[0]): TextBatch {
  const { batchId, token, sendBy, at, from, isRenewal = false } = input;
  const sql = `UPDATE batches SET token = ?1, send_by = ?2, state = 'sending', taken_over_at = coalesce(?3, taken_over_at), ended_at = NULL WHERE id = ?4 AND state <> 'settled' AND (?5 IS NULL OR token = ?5)
    RETURNING kind, attempts, job_id, job_state, job_due_at`;
  const batch = database.get(sql, token, Math.round(sendBy), isRenewal ? null : Math.round(at), batchId, from ?? null);
  if (batch === undefined) throw claimLost(`batch ${batchId}`);
  const changes = database.all(`SELECT * FROM changes WHERE batch_id = ? AND state = 'sending' ORDER BY id`, batchId);
  return {
    id: batchId,
    token,
    kind: readKind(batch),
    changes: changes.map((row) => readClaimedChange(vault, row)),
    attempts: number(batch, 'attempts'),
    sendBy: Math.round(sendBy),
    ...readBatchJob(batch),
  };
}
