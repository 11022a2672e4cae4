import type { TimedRequests } from '../../ledger/ledger.ts';

/** Of answered requests, in milliseconds: so many per cent of them took at most as long. */
export interface Latencies {
  readonly requests: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
}

/** Exact: the nearest rank of what was measured, nothing between. @returns undefined where none was answered */
export function latenciesOf(requests: readonly Pick<TimedRequests, 'durationMs' | 'requests'>[]): Latencies | undefined {
  const sorted = requests.flatMap(({ durationMs, requests: count }) => (durationMs === undefined ? [] : [{ durationMs, count }]));
  sorted.sort((one, other) => one.durationMs - other.durationMs);
  const total = sorted.reduce((sum, { count }) => sum + count, 0);
  const last = sorted.at(-1);
  if (last === undefined) return undefined;
  const at = (percent: number) => {
    const rank = Math.ceil((total * percent) / 100);
    let passed = 0;
    for (const { durationMs, count } of sorted) {
      passed += count;
      if (passed >= rank) return durationMs;
    }
    return last.durationMs;
  };
  return { requests: total, p50: at(50), p95: at(95), p99: at(99), max: last.durationMs };
}
