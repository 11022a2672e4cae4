import type { Row } from '../rows/row.ts';
import { number, text } from '../rows/row.ts';
import { claimLost } from '../rows/segment-row.ts';
import { ASIDE } from '../rows/side-segment.ts';
import { releaseEvents } from './delivery-store.ts';
import { shareScopeOfBatch } from './locks.ts';
import type { Session } from './session.ts';

export interface HeldBatch {
  readonly runId: string;
  readonly segment: number;
  readonly scope: string;
}

/** The batch that `token` holds: nobody can take it before the transaction ends. @throws CLAIM_LOST where it holds it no more */
export async function holdBatch(session: Session, batchId: string, token: string): Promise<HeldBatch> {
  await shareScopeOfBatch(session, batchId);
  const sql = `SELECT run_id, segment, scope FROM batches WHERE id = $1 AND token = $2 AND state = 'sending' FOR UPDATE`;
  const batch = await session.get(sql, batchId, token);
  if (batch === undefined) throw claimLost(`batch ${batchId}`);
  return heldBatch(batch);
}

function heldBatch(row: Row): HeldBatch {
  return { runId: text(row, 'run_id'), segment: number(row, 'segment'), scope: text(row, 'scope') };
}

const MARK_RECORDS = `
  INSERT INTO records (scope, key, has_unknown) SELECT scope, key, 1 FROM changes WHERE batch_id = ANY($1::text[]) AND state = 'sending'
  ON CONFLICT (scope, key) DO UPDATE SET has_unknown = 1`;

const MARK_BATCHES = `
  UPDATE batches SET state = 'unknown', unknown_at = $2, size = coalesce($3::bigint, size), ended_at = CASE WHEN $4 THEN $2::bigint END WHERE id = ANY($1::text[])`;

/** The answers, or part of one, are lost (`hasEnded`: and the request is over, as its sender saw): what they have in `sending` keeps its claims on target records, and the records say so. */
export async function noteUnknown(
  session: Session,
  lost: { readonly batchIds: readonly string[]; readonly size?: number; readonly at: number; readonly hasEnded: boolean },
): Promise<void> {
  if (lost.batchIds.length === 0) return;
  await session.run(MARK_BATCHES, lost.batchIds, lost.at, lost.size ?? null, lost.hasEnded);
  await session.run(MARK_RECORDS, lost.batchIds);
}

const DROP_PLANNED = `UPDATE changes SET state = 'dropped', settled_at = $2, source = NULL, payload = NULL WHERE run_id = $1 AND state = 'planned'`;

const HOLD_RECORDS = `
  INSERT INTO records (scope, key, last_outcome) SELECT c.scope, c.key, 'held'
  FROM batches b CROSS JOIN LATERAL (SELECT * FROM changes WHERE batch_id = b.id AND state = 'sending' OFFSET 0) c
  WHERE b.run_id = $1 AND b.state <> 'settled' AND b.state = 'unknown' ON CONFLICT (scope, key) DO UPDATE SET last_outcome = excluded.last_outcome`;

/** What a run was to tell again, and has not: held, so that it is listed, and tried by a later run. What waits for another reason goes on to. */
const HOLD_ASIDE = `
  UPDATE records SET last_outcome = 'held' FROM segments s JOIN changes c ON c.run_id = s.run_id AND c.segment = s.idx AND c.state = 'planned'
  WHERE s.run_id = $1 AND s.is_sweep IN (${ASIDE}) AND records.scope = c.scope AND records.key = c.key AND records.rejected_source IS NULL`;

/** What it had taken over of runs that had ended, and has not sent again: no reading of its own brings it again. */
const HOLD_ADOPTED = `
  UPDATE records SET last_outcome = 'held', rejected_source = c.source, retry_at = $2 FROM changes c JOIN batches b ON b.id = coalesce(split_part(c.earlier_batches, ',', 1), c.batch_id)
  WHERE c.run_id = $1 AND c.state = 'planned' AND b.run_id <> c.run_id AND c.source IS NOT NULL AND records.scope = c.scope AND records.key = c.key`;

/** Under the lock of its scope, a run ends, or is found dead: its readers hold nothing any more, what it had planned is dropped, what it had sent is unknown. */
export async function endWork(session: Session, runId: string, at: number): Promise<void> {
  await session.run(`UPDATE segments SET state = 'aborted', reader_token = NULL WHERE run_id = $1 AND state = 'open'`, runId);
  await session.run(HOLD_ASIDE, runId);
  await session.run(HOLD_ADOPTED, runId, at);
  await session.run(DROP_PLANNED, runId, at);
  const sent = await session.all(`SELECT id FROM batches WHERE run_id = $1 AND state <> 'settled' AND state = 'sending'`, runId);
  await noteUnknown(session, { batchIds: sent.map((row) => text(row, 'id')), at, hasEnded: false });
  await session.run(HOLD_RECORDS, runId);
  await releaseEvents(session, runId);
}
