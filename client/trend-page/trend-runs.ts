import { isAside } from '../../engine/run.ts';
import type { Run, RunFigures } from '../../ledger/ledger.ts';
import { isOpen, settledCount } from '../following/run-snapshot.ts';
import { type Latencies, latenciesOf } from '../page/latencies.ts';

/** One run of a time, in figures. */
export interface TrendRun {
  readonly id: string;
  /** When it began. */
  readonly at: number;
  readonly state: Run['state'];
  readonly trigger: Run['trigger'];
  /** It ended, and did all that the sync says: of the others no trend is told. */
  readonly isRegular: boolean;
  readonly durationMs: number;
  readonly taken: number;
  readonly written: number;
  readonly rejected: number;
  readonly held: number;
  readonly recordsPerSecond: number | null;
  /** Records rejected or held, of those taken; null where it took none. */
  readonly errorShare: number | null;
  /** Of its write requests. */
  readonly latencyMs: Latencies | null;
  /** Write requests refused or not answered, of all; null where it sent none. */
  readonly failedShare: number | null;
  readonly bytesRead: number;
  readonly bytesOfPage: number | null;
  /** When it ended, so old a change at the source could be that the target did not have: as it came right after the last good run had begun to read. */
  readonly lagMs: number | null;
  readonly requests: number;
  readonly retries: number;
  readonly throttled: number;
}

/** @param runs oldest first, each with its figures; runs of windows are left out before */
export function trendRuns(runs: readonly Run[], figures: readonly RunFigures[], now: number): readonly TrendRun[] {
  let readFrom: number | undefined;
  return runs.map((run, index) => {
    const isRegular = !isOpen(run.state) && !isAside(run.options);
    const own = { isRegular, lagMs: isRegular && isGood(run) && readFrom !== undefined && run.endedAt !== undefined ? run.endedAt - readFrom : null };
    if (isRegular && isGood(run)) readFrom = run.startedAt ?? run.requestedAt;
    return { ...figuresOf(run, figures[index], now), ...own };
  });
}

/** Its watermark has moved. */
function isGood({ state }: Run): boolean {
  return state === 'completed' || state === 'completed-with-rejections';
}

function figuresOf(run: Run, figures: RunFigures | undefined, now: number): Omit<TrendRun, 'isRegular' | 'lagMs'> {
  const { id, state, trigger, totals } = run;
  const at = run.startedAt ?? run.requestedAt;
  const durationMs = (run.endedAt ?? now) - at;
  const taken = totals.read + totals.retriedFromEarlier;
  const { requests = [], bytes = 0, pages = 0 } = figures ?? {};
  const sent = requests.reduce((sum, { requests: count }) => sum + count, 0);
  const failed = requests.reduce((sum, { status, requests: count }) => (status === undefined || status >= 400 ? sum + count : sum), 0);
  return {
    id,
    at,
    state,
    trigger,
    durationMs,
    taken,
    written: totals.written + totals.deleted,
    rejected: totals.rejected,
    held: totals.held,
    recordsPerSecond: durationMs > 0 && taken > 0 ? (settledCount(totals) * 1_000) / durationMs : null,
    errorShare: taken === 0 ? null : (totals.rejected + totals.held) / taken,
    latencyMs: latenciesOf(requests) ?? null,
    failedShare: sent === 0 ? null : failed / sent,
    bytesRead: bytes,
    bytesOfPage: pages === 0 || bytes === 0 ? null : bytes / pages,
    requests: totals.requests,
    retries: totals.retries,
    throttled: totals.throttled,
  };
}
