import { batchIdRange } from '../../engine/ids.ts';
import { readRunFigures } from '../rows/trend-row.ts';
import type { TrendStore } from '../trend-store.ts';
import type { Database } from './database.ts';

/** By the beginning that the ids of a run's batches share. */
const REQUESTS = `
  SELECT r.value ->> 'id' AS run_id, a.status, max(0, a.answered_at - a.sent_at) AS duration, count(*) AS requests
  FROM json_each(?1) r CROSS JOIN attempts a ON a.batch_id >= r.value ->> 'from' AND a.batch_id < r.value ->> 'to' GROUP BY 1, 2, 3 ORDER BY 1, 3, 2`;

const PAGES = `
  SELECT s.run_id, sum(s.bytes) AS bytes, sum(s.pages) AS pages FROM json_each(?1) r CROSS JOIN segments s ON s.run_id = r.value ->> 'id'
  WHERE s.idx >= 0 AND NOT s.is_sweep GROUP BY 1`;

export function createTrendStore(database: Database): TrendStore {
  return {
    readRunFigures: (runIds) =>
      database.read(() => {
        const ranges = JSON.stringify(runIds.map((id) => ({ id, ...batchIdRange(id) })));
        return readRunFigures(runIds, { requests: database.all(REQUESTS, ranges), pages: database.all(PAGES, ranges) });
      }),
  };
}
