import { number, text } from '../rows/row.ts';
import { claimLost } from '../rows/segment-row.ts';
import type { Database } from './database.ts';
import { releaseEvents } from './delivery-store.ts';

/** The batch that `token` holds. @throws CLAIM_LOST where it holds it no more */
export function heldBatch(database: Database, batchId: string, token: string): HeldBatch {
  const batch = database.get(HELD, batchId, token);
  if (batch === undefined) throw claimLost(`batch ${batchId}`);
  return { id: batchId, runId: text(batch, 'run_id'), segment: number(batch, 'segment'), sightings: text(batch, 'sightings') };
}

const HELD = `
  SELECT b.run_id, b.segment, r.scope || r.lane AS sightings FROM batches b JOIN runs r ON r.id = b.run_id WHERE b.id = ? AND b.token = ? AND b.state = 'sending'`;

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

/** A run ends, or is found dead: what it had planned is dropped, what it had sent is unknown, and its readers hold nothing any more. */
export function endWork(database: Database, runId: string, at: number): void {
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
