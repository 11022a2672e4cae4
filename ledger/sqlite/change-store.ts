import { z } from 'zod';
import { CHANGE_KINDS, type ChangeKind } from '../../engine/outcome.ts';
import type { ChangeStore, ClaimedBatch, ClaimedChange, ClaimInput, ClaimResult } from '../ledger.ts';
import type { Vault } from '../vault.ts';
import { insertAttempts } from './attempts.ts';
import type { Database, Row } from './database.ts';
import { defined, number, optionalNumber, optionalText, text } from './row.ts';
import { addCost, addCounts, type Counts, claimLost } from './segment-row.ts';
import { settleBatch } from './settle-batch.ts';

const kindSchema = z.enum(CHANGE_KINDS);

/** Planned changes beside those whose target record is in flight, oldest first, with what the ledger knows of the record meanwhile. */
const CANDIDATES = `
  SELECT c.id, c.key, c.kind, c.fields, c.match, c.target_id, c.content_hash, c.bytes, c.batch_limit, c.batch_group, c.observed_at,
    r.content_hash AS known_hash, r.observed_at AS known_at, r.target_id AS known_target_id
  FROM changes c LEFT JOIN records r ON r.scope = c.scope AND r.key = c.key
  WHERE c.run_id = ? AND c.segment = ? AND c.state = 'planned'
    AND NOT EXISTS (SELECT 1 FROM changes f WHERE f.target_scope = c.target_scope AND f.match = c.match AND f.state = 'sending')
  ORDER BY c.id LIMIT ?`;

export function createChangeStore(database: Database, vault: Vault, keepsValues: boolean): ChangeStore {
  return {
    claimBatch: (input) => database.write(() => claimBatch(database, vault, input)),
    readBacklog: (runId, segment) =>
      database.read(() => {
        const counts = database.get(
          `SELECT (SELECT count(*) FROM changes WHERE run_id = ?1 AND segment = ?2 AND state = 'planned') AS planned,
             (SELECT coalesce(sum(size), 0) FROM batches WHERE run_id = ?1 AND segment = ?2 AND state = 'sending') AS in_flight,
             (SELECT coalesce(sum(size), 0) FROM batches WHERE run_id = ?1 AND segment = ?2 AND state = 'unknown') AS unknown,
             (SELECT state FROM segments WHERE run_id = ?1 AND idx = ?2) AS state`,
          runId,
          segment,
        );
        const row = counts ?? {};
        const state = optionalText(row, 'state');
        return {
          planned: number(row, 'planned'),
          inFlight: number(row, 'in_flight'),
          unknown: number(row, 'unknown'),
          isClosed: state === 'complete' || state === 'aborted',
        };
      }),
    holdsBatch: (batchId, token) =>
      database.read(() => database.get(`SELECT 1 FROM batches WHERE id = ? AND token = ? AND state = 'sending'`, batchId, token) !== undefined),
    settleBatch: (input) => database.write(() => settleBatch(database, keepsValues, input)),
    markUnknown: (input) =>
      database.write(() => {
        const batch = database.get(`SELECT run_id, segment FROM batches WHERE id = ? AND token = ? AND state = 'sending'`, input.batchId, input.token);
        if (batch === undefined) throw claimLost(`batch ${input.batchId}`);
        database.run(`UPDATE batches SET state = 'unknown' WHERE id = ?`, input.batchId);
        database.run(
          `UPDATE records SET has_unknown = 1 WHERE (scope, key) IN (SELECT scope, key FROM changes WHERE batch_id = ? AND state = 'sending')`,
          input.batchId,
        );
        insertAttempts(database, input.batchId, input.attempts);
        addCost(database, text(batch, 'run_id'), number(batch, 'segment'), input.cost);
      }),
    listUnresolved: (runId, segment, ownTokens) =>
      database.read(() => {
        const own = new Set(ownTokens);
        const rows = database.all(
          `SELECT b.id, b.kind, b.size, b.state, b.send_by, b.token FROM batches b
           WHERE b.state <> 'settled' AND b.scope = (SELECT scope FROM runs WHERE id = ?1)
             AND ((b.run_id = ?1 AND b.segment = ?2) OR (?2 = 0 AND b.run_id IN (SELECT id FROM runs WHERE ended_at IS NOT NULL)))
           ORDER BY b.claimed_at`,
          runId,
          segment,
        );
        return rows
          .filter((row) => text(row, 'state') === 'unknown' || !own.has(text(row, 'token')))
          .map((row) => ({
            id: text(row, 'id'),
            kind: kindSchema.parse(text(row, 'kind')),
            size: number(row, 'size'),
            state: text(row, 'state') === 'unknown' ? 'unknown' : 'sending',
            sendBy: number(row, 'send_by'),
          }));
      }),
    takeOver: (input) =>
      database.write(() => {
        const sql = `UPDATE batches SET token = ?, send_by = ?, state = 'sending' WHERE id = ? AND state <> 'settled'`;
        if (database.run(sql, input.token, input.sendBy, input.batchId) === 0) throw claimLost(`batch ${input.batchId}`);
        return readBatch(database, vault, input.batchId);
      }),
  };
}

function claimBatch(database: Database, vault: Vault, input: ClaimInput): ClaimResult {
  const candidates = database.all(CANDIDATES, input.runId, input.segment, input.maxRecords * 2);
  const chosen: Row[] = [];
  const matches = new Set<string>();
  const counts: Counts = {};
  let bytes = 0;
  let kind: ChangeKind | undefined;
  let group: string | undefined;
  let limit = input.maxRecords;
  for (const row of candidates) {
    if (settleWithoutSending(database, row, input.at, counts)) continue;
    const rowKind = kindSchema.parse(text(row, 'kind'));
    const rowGroup = optionalText(row, 'batch_group');
    if (kind === undefined) {
      kind = rowKind;
      group = rowGroup;
      limit = Math.min(input.maxRecords, input.maxRecordsByKind?.[rowKind] ?? input.maxRecords, optionalNumber(row, 'batch_limit') ?? input.maxRecords);
    }
    if (rowKind !== kind || rowGroup !== group || matches.has(text(row, 'match'))) continue;
    if (chosen.length > 0 && bytes + number(row, 'bytes') > input.maxBytes) break;
    chosen.push(row);
    matches.add(text(row, 'match'));
    bytes += number(row, 'bytes');
    if (chosen.length >= limit) break;
  }
  addCounts(database, input.runId, input.segment, counts);
  if (kind === undefined) return { state: 'empty' };
  database.run(
    `INSERT INTO batches (id, run_id, segment, scope, kind, token, send_by, state, size, claimed_at)
     SELECT ?, id, ?, scope, ?, ?, ?, 'sending', ?, ? FROM runs WHERE id = ?`,
    input.batchId,
    input.segment,
    kind,
    input.token,
    input.sendBy,
    chosen.length,
    input.at,
    input.runId,
  );
  for (const row of chosen) {
    database.run(
      `UPDATE changes SET state = 'sending', batch_id = ?1, earlier_batches = CASE WHEN batch_id IS NULL THEN NULL ELSE coalesce(earlier_batches || ',', '') || batch_id END
       WHERE id = ?2`,
      input.batchId,
      number(row, 'id'),
    );
  }
  const changes = chosen.map((row) => readChange(vault, row));
  return { state: 'claimed', batch: { id: input.batchId, token: input.token, kind, changes, attempts: 0, sendBy: input.sendBy } };
}

/** The recheck: what the ledger meanwhile knows as told is not sent; what was observed before that is out of date. */
function settleWithoutSending(database: Database, row: Row, at: number, counts: Counts): boolean {
  const isEqual = optionalText(row, 'known_hash') === text(row, 'content_hash');
  const isOlder = (optionalNumber(row, 'known_at') ?? 0) > number(row, 'observed_at');
  if (!isEqual && !isOlder) return false;
  const outcome = isEqual ? 'unchanged' : 'superseded';
  database.run(`UPDATE changes SET state = 'settled', outcome = ?, settled_at = ? WHERE id = ?`, outcome, at, number(row, 'id'));
  counts[outcome] = (counts[outcome] ?? 0) + 1;
  return true;
}

function readBatch(database: Database, vault: Vault, batchId: string): ClaimedBatch {
  const batch = database.get('SELECT * FROM batches WHERE id = ?', batchId) ?? {};
  const changes = database.all(
    `SELECT c.*, r.target_id AS known_target_id FROM changes c LEFT JOIN records r ON r.scope = c.scope AND r.key = c.key
     WHERE c.batch_id = ? AND c.state = 'sending' ORDER BY c.id`,
    batchId,
  );
  return {
    id: batchId,
    token: text(batch, 'token'),
    kind: kindSchema.parse(text(batch, 'kind')),
    changes: changes.map((row) => readChange(vault, row)),
    attempts: number(batch, 'attempts'),
    sendBy: number(batch, 'send_by'),
  };
}

function readChange(vault: Vault, row: Row): ClaimedChange {
  const fields = vault.read(text(row, 'fields'));
  return defined({
    id: number(row, 'id'),
    key: text(row, 'key'),
    kind: kindSchema.parse(text(row, 'kind')),
    fields: z.record(z.string(), z.json()).parse(fields),
    match: text(row, 'match'),
    targetId: optionalText(row, 'target_id') ?? optionalText(row, 'known_target_id'),
    contentHash: text(row, 'content_hash'),
  });
}
