import type { TrendRun } from './trend-runs.ts';

/** What a figure is measured in. */
export type Unit = 'ms' | 'per-second' | 'share' | 'bytes' | 'count';

/** One figure over the runs of a time; null where no run has it. */
export interface Kpi {
  readonly name: string;
  readonly unit: Unit;
  readonly median: number | null;
  readonly p95: number | null;
  /** Of the runs of the first and of the second half of the time. */
  readonly before: number | null;
  readonly after: number | null;
  /** Of the medians of the halves: 0.1 is a tenth more; null where there is nothing to compare. */
  readonly change: number | null;
  /** Whether more of it is better: it says which way a change goes. */
  readonly isMoreBetter: boolean;
}

type Of = (run: TrendRun) => number | null;
const KPIS: readonly (readonly [name: string, unit: Unit, of: Of, isMoreBetter: boolean])[] = [
  ['run time', 'ms', ({ durationMs }) => durationMs, false],
  ['throughput', 'per-second', ({ recordsPerSecond }) => recordsPerSecond, true],
  ['request, median', 'ms', ({ latencyMs }) => latencyMs?.p50 ?? null, false],
  ['request, p95', 'ms', ({ latencyMs }) => latencyMs?.p95 ?? null, false],
  ['records not written, of those taken', 'share', ({ errorShare }) => errorShare, false],
  ['requests refused or unanswered', 'share', ({ failedShare }) => failedShare, false],
  ['bytes of a page', 'bytes', ({ bytesOfPage }) => bytesOfPage, false],
  ['lag behind the source', 'ms', ({ lagMs }) => lagMs, false],
  ['requests of a run', 'count', ({ requests }) => requests, false],
  ['requests sent again', 'count', ({ retries }) => retries, false],
];

/** Of the runs that ended and did all that the sync says. @param middle where the time is halved */
export function kpisOf(runs: readonly TrendRun[], middle: number): readonly Kpi[] {
  const regular = runs.filter(({ isRegular }) => isRegular);
  return KPIS.map(([name, unit, of, isMoreBetter]) => {
    const values = (some: readonly TrendRun[]) => some.flatMap((run) => of(run) ?? []);
    const before = rank(values(regular.filter(({ at }) => at < middle)), 50);
    const after = rank(values(regular.filter(({ at }) => at >= middle)), 50);
    const all = values(regular);
    const change = before === null || after === null || before === 0 ? null : (after - before) / before;
    return { name, unit, median: rank(all, 50), p95: rank(all, 95), before, after, change, isMoreBetter };
  });
}

/** The nearest rank: one of the values. */
function rank(values: readonly number[], percent: number): number | null {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.max(0, Math.ceil((sorted.length * percent) / 100) - 1)] ?? null;
}
