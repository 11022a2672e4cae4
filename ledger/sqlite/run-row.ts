import type { RunTotals } from '../../engine/outcome.ts';
import type { Run } from '../ledger.ts';
import { optionalNumber, type Row, text } from '../rows/row.ts';
import { frozenTotals, readRunRow, readsAsRetry, totalsOf } from '../rows/run-row.ts';
import type { Database } from './database.ts';

const SUMS = `
  SELECT sum(taken) AS taken, sum(retried) AS retried, sum(seen_again) AS seen_again, sum(unchanged) AS unchanged, sum(skipped) AS skipped,
    sum(rejected) FILTER (WHERE NOT is_sweep) AS rejected, sum(held) FILTER (WHERE NOT is_sweep) AS held, sum(superseded) FILTER (WHERE NOT is_sweep) AS superseded,
    sum(written) FILTER (WHERE NOT is_sweep) AS written, sum(created) AS created, sum(updated) AS updated, sum(written) FILTER (WHERE is_sweep = 1) AS deleted,
    sum(rejected) FILTER (WHERE is_sweep = 1) AS deletes_rejected, sum(held) FILTER (WHERE is_sweep = 1) AS deletes_held, sum(requests) AS requests, sum(retries) AS retries,
    sum(throttled) AS throttled, sum(pages) AS pages, sum(idx >= 0 AND NOT is_sweep) AS segments,
    (SELECT count(*) FROM batches b CROSS JOIN runs run ON run.id = b.run_id CROSS JOIN changes c ON c.batch_id = b.id AND c.state = 'sending' JOIN sightings g ON g.scope = c.scope || run.lane AND g.key = c.key AND g.change_id = c.id
      WHERE b.run_id = ?1 AND b.state <> 'settled' AND b.state = 'unknown') AS unknown
  FROM segments WHERE run_id = ?1`;

/** Totals as the counters of a run's segments have them: live, committed with each page and each settled batch. What waits for a lost answer is held. */
export function liveTotals(database: Database, runId: string, isRetry: boolean, expected: number | undefined): RunTotals {
  return totalsOf(database.get(SUMS, runId) ?? {}, isRetry, expected);
}

export function readRun(database: Database, row: Row): Run {
  return readRunRow(row, frozenTotals(row) ?? liveTotals(database, text(row, 'id'), readsAsRetry(row), optionalNumber(row, 'expected')));
}
