import { SyncError } from '../../engine/errors.ts';
import type { RequestCost, Segment } from '../ledger.ts';
import type { Database, Row } from './database.ts';
import { json, number, optionalNumber, optionalText, text } from './row.ts';

export function addCost(database: Database, runId: string, index: number, cost: RequestCost): void {
  const sql = 'UPDATE segments SET requests = requests + ?, retries = retries + ?, throttled = throttled + ? WHERE run_id = ? AND idx = ?';
  database.run(sql, cost.requests, cost.retries, cost.throttled, runId, index);
}

/** Counters of outcomes; each is a column of `segments`. */
export type Counts = Partial<
  Record<'taken' | 'seen_again' | 'unchanged' | 'skipped' | 'rejected' | 'held' | 'superseded' | 'written' | 'created' | 'updated', number>
>;

export function addCounts(database: Database, runId: string, index: number, counts: Counts): void {
  const of = (name: keyof Counts) => counts[name] ?? 0;
  database.run(
    `UPDATE segments SET taken = taken + ?, seen_again = seen_again + ?, unchanged = unchanged + ?, skipped = skipped + ?, rejected = rejected + ?, held = held + ?,
       superseded = superseded + ?, written = written + ?, created = created + ?, updated = updated + ? WHERE run_id = ? AND idx = ?`,
    of('taken'),
    of('seen_again'),
    of('unchanged'),
    of('skipped'),
    of('rejected'),
    of('held'),
    of('superseded'),
    of('written'),
    of('created'),
    of('updated'),
    runId,
    index,
  );
}

export function readSegmentRow(row: Row): Segment {
  const state = text(row, 'state');
  return {
    runId: text(row, 'run_id'),
    index: number(row, 'idx'),
    state: state === 'open' || state === 'aborted' ? state : 'complete',
    cursor: json(row, 'cursor'),
    isLast: number(row, 'is_last') === 1,
    records: number(row, 'records'),
    bytes: number(row, 'bytes'),
    pages: number(row, 'pages'),
    openedAt: number(row, 'opened_at'),
    maxCursorValue: optionalText(row, 'max_cursor_value'),
    failuresWithoutProgress: number(row, 'failures'),
    firstFailureAt: optionalNumber(row, 'first_failure_at'),
  };
}

export function claimLost(what: string): SyncError {
  return new SyncError({ code: 'CLAIM_LOST', retry: 'never', message: `Another attempt has taken over ${what}.` });
}
