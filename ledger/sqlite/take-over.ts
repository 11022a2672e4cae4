import type { ChangeStore, ClaimedBatch, UnknownBatch } from '../ledger.ts';
import type { Vault } from '../vault.ts';
import { readClaimedChange, readKind } from './claimed-change.ts';
import type { Database } from './database.ts';
import { number, text } from './row.ts';
import { claimLost } from './segment-row.ts';

const OWN = `SELECT id, kind, size, state, send_by, token, claimed_at FROM batches WHERE state <> 'settled' AND run_id = ? AND segment = ?`;
const OF_ENDED_RUNS = `
  SELECT id, kind, size, state, send_by, token, claimed_at FROM batches WHERE state <> 'settled' AND scope = (SELECT scope FROM runs WHERE id = ?1)
    AND run_id <> ?1 AND EXISTS (SELECT 1 FROM runs r WHERE r.id = batches.run_id AND r.ended_at IS NOT NULL)`;

/** See `ChangeStore.listUnresolved`; oldest first. */
export function listUnresolved(database: Database, runId: string, segment: number, ownTokens: readonly string[]): readonly UnknownBatch[] {
  const rows = [...database.all(OWN, runId, segment), ...(segment === 0 ? database.all(OF_ENDED_RUNS, runId) : [])];
  return rows
    .filter((row) => text(row, 'state') === 'unknown' || !ownTokens.includes(text(row, 'token')))
    .toSorted((one, other) => number(one, 'claimed_at') - number(other, 'claimed_at'))
    .map((row) => ({
      id: text(row, 'id'),
      kind: readKind(row),
      size: number(row, 'size'),
      state: text(row, 'state') === 'unknown' ? 'unknown' : 'sending',
      sendBy: number(row, 'send_by'),
      token: text(row, 'token'),
    }));
}

/** See `ChangeStore.takeOver`. */
export function takeOver(database: Database, vault: Vault, input: Parameters<ChangeStore['takeOver']>[0]): ClaimedBatch {
  const { batchId, token, sendBy, at, from } = input;
  const sql = `UPDATE batches SET token = ?1, send_by = ?2, state = 'sending', taken_over_at = ?3 WHERE id = ?4 AND state <> 'settled' AND (?5 IS NULL OR token = ?5)
    RETURNING kind, attempts`;
  const batch = database.get(sql, token, Math.round(sendBy), Math.round(at), batchId, from ?? null);
  if (batch === undefined) throw claimLost(`batch ${batchId}`);
  const changes = database.all(`SELECT * FROM changes WHERE batch_id = ? AND state = 'sending' ORDER BY id`, batchId);
  return {
    id: batchId,
    token,
    kind: readKind(batch),
    changes: changes.map((row) => readClaimedChange(vault, row)),
    attempts: number(batch, 'attempts'),
    sendBy: Math.round(sendBy),
  };
}
