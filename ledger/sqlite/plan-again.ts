import type { ChangeOutcome } from '../ledger.ts';
import { number, optionalNumber, optionalText, text } from '../rows/row.ts';
import { Counts } from '../rows/segment-row.ts';
import type { SendingChange } from '../rows/sending-change.ts';
import type { Database } from './database.ts';
import { saveCounts } from './segment-row.ts';

type Again = Extract<ChangeOutcome, { outcome: 'again' }>;

/** The run that a batch's changes go on in: its own while that is alive, else the live one of its scope; undefined where there is none. */
export function continuingRun(database: Database, runId: string): string | undefined {
  const sql = `SELECT CASE WHEN r.ended_at IS NULL THEN r.id ELSE (SELECT l.id FROM runs l WHERE l.scope = r.scope AND l.lane = '' AND l.state IN ('running', 'paused')) END AS id
    FROM runs r WHERE r.id = ?`;
  return optionalText(database.get(sql, runId) ?? {}, 'id');
}

const DROP = `UPDATE changes SET state = 'dropped', settled_at = ?, source = NULL, payload = NULL WHERE id = ?`;

/**
 * Surely not applied: planned again, perhaps as another kind, or only together with its half of a refused batch. Where the ledger has heard newer of the record, that
 * goes in its place, knowing what this change has learned.
 */
export function planAgain(
  database: Database,
  change: SendingChange,
  outcome: Again,
  at: number,
  runs: { readonly own: string; readonly next: string | undefined },
): void {
  const { id, scope, key } = change;
  // A later run looks by itself for what has gone.
  if (change.isDelete && runs.own !== runs.next) return void database.run(DROP, at, id);
  const isKept = runs.own === runs.next ? change.isLatest || change.isDelete : runs.next !== undefined && adopt(database, change, runs.next);
  if (isKept) {
    const sql = `UPDATE changes SET state = 'planned', batch_limit = coalesce(?, batch_limit), batch_group = coalesce(?, batch_group), kind = coalesce(?, kind),
      target_id = coalesce(?, target_id) WHERE id = ?`;
    database.run(sql, outcome.batchLimit ?? null, outcome.group ?? null, outcome.kind ?? null, outcome.targetId ?? null, id);
  } else {
    database.run(DROP, at, id);
    const sql = `UPDATE changes SET kind = coalesce(?, kind), target_id = coalesce(?, target_id) WHERE scope = ? AND key = ? AND state = 'planned' AND id > ?`;
    database.run(sql, outcome.kind ?? null, outcome.targetId ?? null, scope, key, id);
  }
  database.run('UPDATE records SET has_unknown = 0 WHERE scope = ? AND key = ? AND has_unknown', scope, key);
}

/**
 * The change of a run that has ended goes on in the live one, which may have moved past the record: as the record it held for this change's sake, or as one
 * retried from earlier. @returns false where the live run has a newer word on the record
 */
function adopt(database: Database, { id, scope, key }: SendingChange, runId: string): boolean {
  const sighting = database.get('SELECT last_run, disposition, reason, change_id FROM sightings WHERE scope = ? AND key = ?', scope, key);
  if (sighting === undefined) return false;
  const counts = new Counts();
  if (text(sighting, 'last_run') !== runId) counts.add('retried');
  else if (optionalNumber(sighting, 'change_id') === undefined && optionalText(sighting, 'reason') === 'unknown') counts.add('held', -1);
  else return false;
  saveCounts(database, counts, runId, firstSegment(database, runId));
  database.run(`UPDATE sightings SET last_run = ?, disposition = 'change', reason = NULL, change_id = ? WHERE scope = ? AND key = ?`, runId, id, scope, key);
  database.run('UPDATE changes SET run_id = ?, segment = ? WHERE id = ?', runId, firstSegment(database, runId), id);
  return true;
}

/** Its writer is the one that looks into what earlier runs have left. */
function firstSegment(database: Database, runId: string): number {
  return number(database.get('SELECT coalesce(min(idx), 0) AS idx FROM segments WHERE run_id = ? AND idx >= 0', runId) ?? {}, 'idx');
}
