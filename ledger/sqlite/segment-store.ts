import { SyncError } from '../../engine/errors.ts';
import type { Segment, SegmentStore } from '../ledger.ts';
import { number } from '../rows/row.ts';
import { claimLost, readSegmentRow } from '../rows/segment-row.ts';
import type { TextLedger } from '../text-ledger.ts';
import type { Vault } from '../vault.ts';
import type { Database } from './database.ts';
import { stagePage } from './stage-page.ts';

/** A segment begins where the one before has ended, whoever names it first. */
const OPEN = `
  INSERT INTO segments (run_id, idx, state, cursor, is_last, max_cursor_value, opened_at)
  SELECT ?1, ?2, ?3, before.cursor, coalesce(before.is_last, 0), before.max_cursor_value, ?4
  FROM (SELECT 1) LEFT JOIN segments before ON before.run_id = ?1 AND before.idx = ?2 - 1 WHERE true ON CONFLICT DO NOTHING`;

export function createSegmentStore(database: Database, vault: Vault): Pick<TextLedger, keyof SegmentStore> {
  const find = (runId: string, index: number): Segment | undefined => {
    const row = database.get('SELECT * FROM segments WHERE run_id = ? AND idx = ?', runId, index);
    return row === undefined ? undefined : readSegmentRow(vault, row);
  };
  const mustFind = (runId: string, index: number): Segment => {
    const segment = find(runId, index);
    if (segment !== undefined) return segment;
    throw new SyncError({ code: 'STORE_UNAVAILABLE', retry: 'never', message: `The ledger does not know segment ${index} of run ${runId}.` });
  };

  return {
    openSegment: (runId, index, at) =>
      database.write(() => {
        database.run(OPEN, runId, index, 'open', at);
        return mustFind(runId, index);
      }),
    readSegment: (runId, index) => database.read(() => find(runId, index)),
    claimReader: (runId, index, token) =>
      database.write(() => {
        database.run(`UPDATE segments SET reader_token = ? WHERE run_id = ? AND idx = ? AND state = 'open'`, token, runId, index);
        database.run(`UPDATE runs SET phase = 'syncing' WHERE id = ? AND phase IN ('planning', 'lookups') AND ended_at IS NULL`, runId);
        return mustFind(runId, index);
      }),
    // What a power cut takes of a page takes its cursor too: the page is read again. Closing the segment makes all its pages safe.
    // What is claimed and may not be sent twice must outlast it, as any claim.
    stagePage: (input) =>
      database[input.claims?.some((claim) => claim.isRepeatable !== true) === true ? 'write' : 'writeLazily'](() => stagePage(database, vault, input)),
    closeSegment: (runId, index, token, end) =>
      database.write(() => {
        const sql = `UPDATE segments SET state = ?, is_last = ? WHERE run_id = ? AND idx = ? AND reader_token = ? AND state = 'open'`;
        if (database.run(sql, end.state, end.isLast ? 1 : 0, runId, index, token) === 0) throw claimLost(`segment ${index} of run ${runId}`);
      }),
    abortSegment: (runId, index) =>
      database.write(() => {
        database.run(OPEN, runId, index, 'aborted', 0);
        database.run(`UPDATE segments SET state = 'aborted', reader_token = NULL WHERE run_id = ? AND idx = ? AND state = 'open'`, runId, index);
      }),
    countFailure: (runId, index, at) =>
      database.writeLazily(() => {
        database.run(OPEN, runId, index, 'open', at);
        const sql = `UPDATE segments SET failures = failures + 1, first_failure_at = coalesce(first_failure_at, ?) WHERE run_id = ? AND idx = ?
          RETURNING failures, first_failure_at`;
        const row = database.get(sql, at, runId, index) ?? {};
        return { count: number(row, 'failures'), sinceMs: number(row, 'first_failure_at') };
      }),
  };
}
