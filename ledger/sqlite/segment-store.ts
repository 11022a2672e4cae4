import { SyncError } from '../../engine/errors.ts';
import type { Segment, SegmentStore } from '../ledger.ts';
import type { Vault } from '../vault.ts';
import type { Database } from './database.ts';
import { number } from './row.ts';
import { claimLost, readSegmentRow } from './segment-row.ts';
import { stagePage } from './stage-page.ts';

export function createSegmentStore(database: Database, vault: Vault): SegmentStore {
  const find = (runId: string, index: number): Segment | undefined => {
    const row = database.get('SELECT * FROM segments WHERE run_id = ? AND idx = ?', runId, index);
    return row === undefined ? undefined : readSegmentRow(row);
  };
  const mustFind = (runId: string, index: number): Segment => {
    const segment = find(runId, index);
    if (segment === undefined)
      throw new SyncError({ code: 'STORE_UNAVAILABLE', retry: 'never', message: `The ledger does not know segment ${index} of run ${runId}.` });
    return segment;
  };

  return {
    openSegment: (runId, index, at) =>
      database.write(() => {
        database.run(
          `INSERT INTO segments (run_id, idx, state, cursor, is_last, max_cursor_value, opened_at)
           SELECT ?, ?, 'open', before.cursor, coalesce(before.is_last, 0), before.max_cursor_value, ?
           FROM (SELECT 1) LEFT JOIN segments before ON before.run_id = ? AND before.idx = ? ON CONFLICT DO NOTHING`,
          runId,
          index,
          at,
          runId,
          index - 1,
        );
        return mustFind(runId, index);
      }),
    readSegment: (runId, index) => database.read(() => find(runId, index)),
    claimReader: (runId, index, token) =>
      database.write(() => {
        database.run('UPDATE segments SET reader_token = ? WHERE run_id = ? AND idx = ?', token, runId, index);
        database.run(`UPDATE runs SET phase = 'syncing' WHERE id = ? AND phase IN ('planning', 'lookups')`, runId);
        return mustFind(runId, index);
      }),
    stagePage: (input) => database.write(() => stagePage(database, vault, input)),
    closeSegment: (runId, index, token, end) =>
      database.write(() => {
        const sql = `UPDATE segments SET state = ?, is_last = ? WHERE run_id = ? AND idx = ? AND reader_token = ? AND state = 'open'`;
        if (database.run(sql, end.state, end.isLast ? 1 : 0, runId, index, token) === 0) throw claimLost(`segment ${index}`);
      }),
    abortSegment: (runId, index) =>
      database.write(() => {
        database.run(`INSERT INTO segments (run_id, idx, state, opened_at) VALUES (?, ?, 'aborted', 0) ON CONFLICT DO NOTHING`, runId, index);
        database.run(`UPDATE segments SET state = 'aborted', reader_token = NULL WHERE run_id = ? AND idx = ? AND state = 'open'`, runId, index);
      }),
    countFailure: (runId, index, at) =>
      database.write(() => {
        database.run(`INSERT INTO segments (run_id, idx, state, opened_at) VALUES (?, ?, 'open', ?) ON CONFLICT DO NOTHING`, runId, index, at);
        database.run(
          'UPDATE segments SET failures = failures + 1, first_failure_at = coalesce(first_failure_at, ?) WHERE run_id = ? AND idx = ?',
          at,
          runId,
          index,
        );
        const row = database.get('SELECT failures, first_failure_at FROM segments WHERE run_id = ? AND idx = ?', runId, index) ?? {};
        return { count: number(row, 'failures'), sinceMs: number(row, 'first_failure_at') };
      }),
  };
}
