import type { RequestCost } from '../ledger.ts';
import type { Counts } from '../rows/segment-row.ts';
import type { Database } from './database.ts';

export function addCost(database: Database, runId: string, index: number, cost: RequestCost): void {
  const sql = 'UPDATE segments SET requests = requests + ?, retries = retries + ?, throttled = throttled + ? WHERE run_id = ? AND idx = ?';
  database.run(sql, cost.requests, cost.retries, cost.throttled, runId, index);
}

/** Adds to the counters of a segment what a transaction has counted. */
export function saveCounts(database: Database, counts: Counts, runId: string, index: number): void {
  const added = counts.added();
  if (added.length === 0) return;
  const sets = [...added.map(([counter]) => `${counter} = ${counter} + ?`), ...counts.forgetsFailures];
  database.run(`UPDATE segments SET ${sets.join(', ')} WHERE run_id = ? AND idx = ?`, ...added.map(([, by]) => by), runId, index);
}
