import type { RequestCost } from '../ledger.ts';
import type { Counts } from '../rows/segment-row.ts';
import type { Session } from './session.ts';

/** The row of a segment is the last that a transaction writes: others wait for it no longer than for the commit. */
export async function addCost(session: Session, runId: string, index: number, cost: RequestCost): Promise<void> {
  await saveCounts(session, undefined, runId, index, cost);
}

/** Adds to the counters of a segment what a transaction has counted, and the requests that it cost. */
export async function saveCounts(session: Session, counts: Counts | undefined, runId: string, index: number, cost?: RequestCost): Promise<void> {
  const added = [...(counts?.added() ?? []), ...(cost === undefined ? [] : costs(cost))].filter(([, by]) => by !== 0);
  if (added.length === 0) return;
  const sets = [...added.map(([counter], n) => `${counter} = ${counter} + $${n + 3}`), ...(counts?.forgetsFailures ?? [])];
  await session.run(`UPDATE segments SET ${sets.join(', ')} WHERE run_id = $1 AND idx = $2`, runId, index, ...added.map(([, by]) => by));
}

function costs({ requests, retries, throttled }: RequestCost): readonly (readonly [string, number])[] {
  return [
    ['requests', requests],
    ['retries', retries],
    ['throttled', throttled],
  ];
}
