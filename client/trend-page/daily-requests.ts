import type { ResolvedSync } from '../../definition/resolved.ts';
import { parseDuration } from '../../engine/duration.ts';
import type { TrendRun } from './trend-runs.ts';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

/** What the runs that began on one day (UTC) asked of both sides. */
export interface TrendDay {
  readonly at: number;
  readonly runs: number;
  readonly requests: number;
  readonly retries: number;
  readonly throttled: number;
}

/** A declared quota of an hour or more, as requests of a day. */
export interface DailyQuota {
  readonly connection: string;
  readonly perDay: number;
}

/** Each day from the first to the last, those without a run too. */
export function dailyRequests(runs: readonly TrendRun[], since: number, now: number): readonly TrendDay[] {
  const byDay = Map.groupBy(runs, ({ at }) => Math.floor(at / DAY_MS));
  const first = Math.floor(since / DAY_MS);
  const sum = (some: readonly TrendRun[], of: (run: TrendRun) => number) => some.reduce((all, run) => all + of(run), 0);
  return Array.from({ length: Math.floor(now / DAY_MS) - first + 1 }, (_, index) => {
    const own = byDay.get(first + index) ?? [];
    return {
      at: (first + index) * DAY_MS,
      runs: own.length,
      requests: sum(own, ({ requests }) => requests),
      retries: sum(own, ({ retries }) => retries),
      throttled: sum(own, ({ throttled }) => throttled),
    };
  });
}

/** The quotas of the two connections; shared with whatever else uses their accounts. */
export function dailyQuotas({ sync, connections }: ResolvedSync): readonly DailyQuota[] {
  return [...new Set([sync.source.connection, sync.target.connection])].flatMap((name) =>
    (connections[name]?.limits.requests ?? []).flatMap(({ count, per }) => {
      const perMs = parseDuration(per) ?? 0;
      return perMs >= HOUR_MS ? [{ connection: name, perDay: (count * DAY_MS) / perMs }] : [];
    }),
  );
}
