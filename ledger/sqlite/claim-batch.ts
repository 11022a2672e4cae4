import type { ChangeKind } from '../../engine/outcome.ts';
import type { ClaimInput } from '../ledger.ts';
import { BatchPicker } from '../rows/batch-picker.ts';
import { readClaimedChange } from '../rows/claimed-change.ts';
import { number } from '../rows/row.ts';
import { Counts } from '../rows/segment-row.ts';
import type { TextClaim } from '../text-ledger.ts';
import type { Vault } from '../vault.ts';
import type { Database } from './database.ts';
import { saveCounts } from './segment-row.ts';
import { settleUnsent } from './settle-unsent.ts';

/** Looked through at once; and how far on beyond the first change chosen, for others that fit its batch. */
const PAGE = 200;
const PAGES_FOR_A_FULL_BATCH = 5;

/** Of each write without an answer that waits for a person. */
export const HELD_UNKNOWN = `
  FROM changes h INDEXED BY held_unknown_by_match JOIN records u ON u.scope = h.scope AND u.key = h.key AND u.has_unknown
  WHERE h.hold_reason = 'unknown' AND h.batch_id IS NOT NULL`;

/**
 * Planned changes beside those whose target record is in flight, oldest first, with what the ledger knows of the record meanwhile. The sign before the limit keeps SQLite from
 * planning the statement again for each number it is given.
 */
const CANDIDATES = `
  SELECT c.id, c.scope, c.key, c.kind, c.kind AS staged_kind, c.target_id AS staged_target_id, c.payload, c.match, coalesce(c.target_id, r.target_id) AS target_id, c.content_hash, c.source_version, c.bytes, c.batch_limit,
    c.batch_group, CASE WHEN c.batch_id IS NULL THEN NULL ELSE coalesce(c.earlier_batches || ',', '') || c.batch_id END AS earlier_batches, c.observed_at, r.content_hash AS told_hash, r.observed_at AS told_at, r.source_version AS told_version, r.told_by, r.has_unknown,
    CASE WHEN c.kind = 'create' THEN (
      SELECT coalesce(o.target_id, '') FROM records o INDEXED BY records_by_match WHERE o.match = c.match AND o.told_by IN ('create', 'update') AND o.target_scope = c.target_scope AND o.content_hash IS NOT NULL
        AND NOT (o.scope = c.scope AND o.key = c.key) LIMIT 1) END AS other_target_id,
    CASE WHEN c.kind = 'create' THEN EXISTS (SELECT 1 ${HELD_UNKNOWN} AND h.target_scope = c.target_scope AND h.match = c.match AND NOT (h.scope = c.scope AND h.key = c.key)) END AS other_unknown,
    (SELECT s.last_seen_at FROM runs w JOIN sightings s ON s.scope = w.scope AND s.key = c.key AND s.disposition = 'unchanged' WHERE w.id = ?1 AND w.lane <> '') AS found_unchanged_at
  FROM changes c INDEXED BY changes_planned LEFT JOIN records r ON r.scope = c.scope AND r.key = c.key
  WHERE c.run_id = ?1 AND c.segment = ?2 AND c.state = 'planned' AND c.id > ?3
    AND NOT EXISTS (SELECT 1 FROM changes f INDEXED BY in_flight_by_match WHERE f.target_scope = c.target_scope AND f.match = c.match AND f.state = 'sending')
    AND NOT EXISTS (SELECT 1 FROM changes f INDEXED BY in_flight_by_key WHERE f.scope = c.scope AND f.key = c.key AND f.state = 'sending')
    AND NOT EXISTS (SELECT 1 FROM changes f INDEXED BY in_flight_by_target_id
      WHERE f.target_scope = c.target_scope AND f.target_id = coalesce(c.target_id, r.target_id) AND f.state = 'sending' AND f.target_id IS NOT NULL)
  ORDER BY c.id LIMIT +?4`;

/** See `ChangeStore.claimBatch`. */
export function claimBatch(database: Database, vault: Vault, input: ClaimInput): TextClaim {
  const picker = pick(database, vault, input);
  if (picker.kind === undefined) return { state: 'empty' };
  insertBatch(database, input, picker.kind, picker.chosen.length);
  const ids = picker.chosen.map((row) => number(row, 'id'));
  database.run(
    `UPDATE changes SET state = 'sending', batch_id = ?1, earlier_batches = CASE WHEN batch_id IS NULL THEN NULL ELSE coalesce(earlier_batches || ',', '') || batch_id END
     WHERE id IN (SELECT value FROM json_each(?2))`,
    input.batchId,
    JSON.stringify(ids),
  );
  for (const [id, { kind, targetId }] of picker.routes) database.run('UPDATE changes SET kind = ?, target_id = ? WHERE id = ?', kind, targetId ?? null, id);
  const changes = picker.chosen.map((row) => readClaimedChange(vault, row));
  const { batchId: id, token, sendBy } = input;
  return { state: 'claimed', batch: { id, token, kind: picker.kind, changes, attempts: 0, sendBy: Math.round(sendBy) } };
}

/** Goes through the planned changes until the batch is full; those that need not be sent any more are settled on the way. */
function pick(database: Database, vault: Vault, input: ClaimInput): BatchPicker {
  const picker = new BatchPicker(input);
  const counts = new Counts();
  const pageSize = Math.min(PAGE, input.maxRecords);
  const mostPages = Math.max(PAGES_FOR_A_FULL_BATCH, 2 * Math.ceil(input.maxRecords / pageSize));
  let after = 0;
  for (let pages = 0; !picker.isFull && pages < mostPages; pages += picker.kind === undefined ? 0 : 1) {
    const candidates = database.all(CANDIDATES, input.runId, input.segment, after, pageSize);
    for (const row of candidates) {
      if (picker.isFull) break;
      if (!settleUnsent(database, vault, row, input, counts)) picker.consider(row);
    }
    const last = candidates.at(-1);
    if (last === undefined || candidates.length < pageSize) break;
    after = number(last, 'id');
  }
  saveCounts(database, counts, input.runId, input.segment);
  return picker;
}

/** The batch of a claim. */
export function insertBatch(database: Database, input: ClaimInput, kind: ChangeKind, size: number): void {
  database.run(
    `INSERT INTO batches (id, run_id, segment, scope, kind, token, send_by, state, size, claimed_at)
     SELECT ?, id, ?, scope, ?, ?, ?, 'sending', ?, ? FROM runs WHERE id = ?`,
    input.batchId,
    input.segment,
    kind,
    input.token,
    Math.round(input.sendBy),
    size,
    Math.round(input.at),
    input.runId,
  );
}
