import type { ResolvedConnection } from '../../definition/resolved.ts';
import { parseDuration } from '../../engine/duration.ts';
import type { AccountUse } from '../../ledger/ledger.ts';
import type { TopConnection } from './top-frame.ts';

const SPREAD_WINDOW_MS = 60_000;
/** Who asks for its part of a pace asks for a tenth more than it uses, and a hundredth more. */
const GROWTH = 1.1;
const LEAST_DEMAND = 0.01;

/** What is declared for a connection beside what its processes have of it. */
export function accountLimits({ name, limits }: Pick<ResolvedConnection, 'name' | 'limits'>, { holders, quotas, block }: AccountUse): TopConnection {
  const windows = (limits.requests ?? []).map(({ count, per, spread }) => ({ count, perMs: parseDuration(per) ?? 0, spread }));
  const isSpread = ({ perMs, spread = perMs <= SPREAD_WINDOW_MS }: (typeof windows)[number]) => spread;
  const paces = windows.filter(isSpread).map(({ count, perMs }) => (count * 1_000) / perMs);
  const allowedPerSecond = paces.length === 0 ? undefined : Math.min(...paces);
  const used = holders.reduce((sum, { share, demand }) => sum + (demand >= 1 ? share : Math.max(0, Math.min(share, (demand - LEAST_DEMAND) / GROWTH))), 0);
  return {
    name,
    allowedPerSecond,
    perSecond: allowedPerSecond === undefined ? undefined : block === undefined ? used * allowedPerSecond : 0,
    inFlight:
      limits.concurrency === undefined
        ? undefined
        : { now: holders.reduce((sum, { places, placesWanted }) => sum + Math.min(places, placesWanted), 0), of: limits.concurrency },
    processes: holders.length,
    quotas: windows
      .filter((window) => !isSpread(window))
      .map(({ count, perMs }) => ({ count, perMs, left: Math.max(0, count - (quotas.find((quota) => quota.perMs === perMs)?.used ?? 0)) })),
    block,
  };
}
