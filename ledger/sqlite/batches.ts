import { number, text } from '../rows/row.ts';
import { claimLost } from '../rows/segment-row.ts';
import { sightingsOf } from '../rows/sending-change.ts';
import { ASIDE } from '../rows/side-segment.ts';
import type { Database } from './database.ts';
import { releaseEvents } from './delivery-store.ts';

/** The batch that `token` holds. @throws CLAIM_LOST where it holds it no more */
export function heldBatch(database: Database, batchId: string, token: string): HeldBatch {
  const batch = database.get(HELD, batchId, token);
  if (batch === undefined) throw claimLost(`batch ${batchId}`);
  return { id: batchId, runId: text(batch, 'run_id'), segment: number(batch, 'segment'), sightings: text(batch, 'sightings') };
}

const HELD = `
  SELECT b.run_id, b.segment, ${sightingsOf('r')} AS sightings FROM batches b JOIN runs r ON r.id = b.run_id WHERE b.id = ? AND b.token = ? AND b.state = 'sending'`;

export interface HeldBatch {
  readonly id: string;
  readonly runId: string;
  readonly segment: number;
  /** Where its run keeps its sightings. */
  readonly sightings: string;
}

const MARK_RECORDS = `
  INSERT INTO records (scope, key, has_unknown) SELECT scope, key, 1 FROM changes WHERE batch_id = ? AND state = 'sending'
  ON CONFLICT DO UPDATE SET has_unknown = 1`;

/** The batch's answer, or part of it, is lost (`hasEnded`: and its request is over, as its sender saw): what it has in `sending` keeps its claims on target records, and the records say so. */
export function noteUnknown(
  database: Database,
  batch: { readonly batchId: string; readonly size?: number; readonly at: number; readonly hasEnded: boolean },
): void {
  const sql = `UPDATE batches SET state = 'unknown', unknown_at = ?1, size = coalesce(?2, size), ended_at = CASE WHEN ?3 THEN ?1 END WHERE id = ?4`;
  database.run(sql, batch.at, batch.size ?? null, batch.hasEnded ? 1 : 0, batch.batchId);
  database.run(MARK_RECORDS, batch.batchId);
}

/** What a run was to tell again, and has not: held, so that it is listed, and tried by a later run. What waits for another reason goes on to. */
const HOLD_ASIDE = `
  UPDATE records SET last_outcome = 'held' WHERE rejected_source IS NULL AND (scope, key) IN (SELECT c.scope, c.key FROM segments s
    JOIN changes c INDEXED BY changes_planned ON c.run_id = s.run_id AND c.segment = s.idx AND c.state = 'planned' WHERE s.run_id = ? AND s.is_sweep IN (${ASIDE}))`;

/** What it had taken over of runs that had ended, and has not sent again: no reading of its own brings it again. */
const HOLD_ADOPTED = `
  UPDATE records SET last_outcome = 'held', rejected_source = c.source, retry_at = ?2 FROM changes c JOIN batches b ON b.id = coalesce(substr(c.earlier_batches, 1, instr(c.earlier_batches || ',', ',') - 1), c.batch_id)
  WHERE c.run_id = ?1 AND c.state = 'planned' AND b.run_id <> c.run_id AND c.source IS NOT NULL AND records.scope = c.scope AND records.key = c.key`;

/** A run ends, or is found dead: what it had planned is dropped, what it had sent is unknown, and its readers hold nothing any more. */
export function endWork(database: Database, runId: string, at: number): void {
  database.run(HOLD_ASIDE, runId);
  database.run(HOLD_ADOPTED, runId, at);
  database.run(`UPDATE changes SET state = 'dropped', settled_at = ?, source = NULL, payload = NULL WHERE run_id = ? AND state = 'planned'`, at, runId);
  for (const batch of database.all(`SELECT id FROM batches WHERE run_id = ? AND state <> 'settled' AND state = 'sending'`, runId))
    noteUnknown(database, { batchId: text(batch, 'id'), at, hasEnded: false });
  database.run(
    `UPDATE records SET last_outcome = 'held' WHERE (scope, key) IN (SELECT c.scope, c.key FROM batches b CROSS JOIN changes c ON c.batch_id = b.id
       WHERE b.run_id = ? AND b.state <> 'settled' AND b.state = 'unknown' AND c.state = 'sending')`,
    runId,
  );
  database.run(`UPDATE segments SET state = 'aborted', reader_token = NULL WHERE run_id = ? AND state = 'open'`, runId);
  releaseEvents(database, runId);
}
