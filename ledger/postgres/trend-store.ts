import { batchIdRange } from '../../engine/ids.ts';
import { readRunFigures } from '../rows/trend-row.ts';
import type { TrendStore } from '../trend-store.ts';
import type { Database } from './database.ts';

/** By the beginning that the ids of a run's batches share. */
const REQUESTS = `
  SELECT r.id AS run_id, a.status, CASE WHEN a.answered_at IS NOT NULL THEN greatest(0, a.answered_at - a.sent_at) END AS duration, count(*) AS requests
  FROM unnest($1::text[], $2::text[], $3::text[]) r(id, low, high)
  CROSS JOIN LATERAL (SELECT * FROM attempts WHERE batch_id >= r.low AND batch_id < r.high OFFSET 0) a
  GROUP BY 1, 2, 3 ORDER BY 1, 3, 2`;

const PAGES = `
  SELECT s.run_id, sum(s.bytes) AS bytes, sum(s.pages) AS pages FROM unnest($1::text[]) r(id)
  CROSS JOIN LATERAL (SELECT * FROM segments WHERE run_id = r.id AND idx >= 0 AND is_sweep = 0 OFFSET 0) s GROUP BY 1`;

export function createTrendStore(database: Database): TrendStore {
  return {
    readRunFigures: async (runIds) => {
      const ranges = runIds.map(batchIdRange);
      const lows = ranges.map(({ from }) => from);
      const highs = ranges.map(({ to }) => to);
      const [requests, pages] = await Promise.all([database.all(REQUESTS, runIds, lows, highs), database.all(PAGES, runIds)]);
      return readRunFigures(runIds, { requests, pages });
    },
  };
}
