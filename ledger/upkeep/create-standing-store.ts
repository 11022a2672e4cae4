import { number, optionalNumber, text } from '../rows/row.ts';
import { wasAside } from '../rows/run-row.ts';
import type { StandingStore, SyncStanding } from '../standing-store.ts';
import type { Keeper } from './keeper.ts';

/** Those of events and of windows may be many to one of all that its sync says. */
const LATEST = `
  SELECT options, coalesce(read_started_at, started_at, requested_at) AS read_at, ended_at FROM runs
  WHERE scope = $1 AND state IN ('completed', 'completed-with-rejections') AND trigger IN ('manual', 'schedule', 'graph') AND ended_at IS NOT NULL
  ORDER BY requested_at DESC LIMIT 20`;

const REFUSED = `
  SELECT last_outcome, CASE WHEN retry_at IS NULL THEN 0 ELSE 1 END AS waits, count(*) AS records FROM records
  WHERE scope = $1 AND last_outcome IN ('rejected', 'held') GROUP BY last_outcome, CASE WHEN retry_at IS NULL THEN 0 ELSE 1 END`;

/** The same for both stores. */
export function createStandingStore(keeper: Keeper): StandingStore {
  return {
    readStandings: async (scopes) => {
      const standings: SyncStanding[] = [];
      for (const scope of scopes) standings.push(await readStanding(keeper, scope));
      return standings;
    },
  };
}

async function readStanding(keeper: Keeper, scope: string): Promise<SyncStanding> {
  const latest = (await keeper.all(LATEST, scope)).find((row) => !wasAside(row));
  const refused = await keeper.all(REFUSED, scope);
  const count = (outcome: string, waits: number) =>
    refused.reduce((sum, row) => sum + (text(row, 'last_outcome') === outcome && number(row, 'waits') === waits ? number(row, 'records') : 0), 0);
  const endedAt = latest === undefined ? undefined : optionalNumber(latest, 'ended_at');
  return {
    scope,
    rejected: { waiting: count('rejected', 1), givenUp: count('rejected', 0) },
    held: { waiting: count('held', 1), givenUp: count('held', 0) },
    ...(latest === undefined || endedAt === undefined ? {} : { success: { readStartedAt: number(latest, 'read_at'), endedAt } }),
  };
}
