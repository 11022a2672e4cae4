import type { RunTotals } from '../../engine/outcome.ts';
import type { Run } from '../ledger.ts';
import { optionalNumber, type Row, text } from '../rows/row.ts';
import { frozenTotals, readRunRow, readsAsRetry, totalsOf } from '../rows/run-row.ts';
import type { Session } from './session.ts';

const SUMS = `
  SELECT sum(taken) AS taken, sum(retried) AS retried, sum(seen_again) AS seen_again, sum(unchanged) AS unchanged, sum(skipped) AS skipped,
    sum(rejected) FILTER (WHERE is_sweep = 0) AS rejected, sum(held) FILTER (WHERE is_sweep = 0) AS held, sum(superseded) FILTER (WHERE is_sweep = 0) AS superseded,
    sum(written) FILTER (WHERE is_sweep = 0) AS written, sum(created) AS created, sum(updated) AS updated, sum(written) FILTER (WHERE is_sweep = 1) AS deleted,
    sum(rejected) FILTER (WHERE is_sweep = 1) AS deletes_rejected, sum(held) FILTER (WHERE is_sweep = 1) AS deletes_held, sum(requests) AS requests, sum(retries) AS retries,
    sum(throttled) AS throttled, sum(pages) AS pages, count(*) FILTER (WHERE idx >= 0 AND is_sweep = 0) AS segments,
    (SELECT count(*) FROM batches b JOIN runs run ON run.id = b.run_id CROSS JOIN LATERAL (SELECT * FROM changes WHERE batch_id = b.id AND state = 'sending' OFFSET 0) c
        CROSS JOIN LATERAL (SELECT 1 FROM sightings WHERE scope = c.scope || run.lane AND key = c.key AND change_id = c.id OFFSET 0) g
      WHERE b.run_id = $1 AND b.state <> 'settled' AND b.state = 'unknown') AS unknown
  FROM segments WHERE run_id = $1`;

/** Totals as the counters of a run's segments have them: live, committed with each page and each settled batch. What waits for a lost answer is held. */
export async function liveTotals(session: Session, runId: string, isRetry: boolean, expected: number | undefined): Promise<RunTotals> {
  return totalsOf((await session.get(SUMS, runId)) ?? {}, isRetry, expected);
}

export async function readRun(session: Session, row: Row): Promise<Run> {
  return readRunRow(row, frozenTotals(row) ?? (await liveTotals(session, text(row, 'id'), readsAsRetry(row), optionalNumber(row, 'expected'))));
}
