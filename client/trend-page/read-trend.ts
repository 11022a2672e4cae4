import { type SyncRef, syncScope } from '../../engine/ids.ts';
import type { Run } from '../../ledger/ledger.ts';
import type { Cli } from '../cli.ts';
import { withHints } from '../reports/rejection-groups.ts';
import { type PageError, pageErrors } from '../run-page/page-errors.ts';
import { type DailyQuota, dailyQuotas, dailyRequests, type TrendDay } from './daily-requests.ts';
import { type Kpi, kpisOf } from './kpis.ts';
import { type TrendRun, trendRuns } from './trend-runs.ts';

/** More than a month of a run each half an hour; of more, the newest. */
const MOST_RUNS = 2_000;

/** All that the page of a range of runs shows, and `--json` prints: counts, times, words of definitions, and messages without what looks like a value; no key and no field of a record. */
export interface TrendDocument {
  readonly project: string;
  readonly profile: string;
  readonly sync: string;
  readonly since: number;
  readonly until: number;
  /** Oldest first. */
  readonly runs: readonly TrendRun[];
  /** There were more: only the newest are here. */
  readonly isCut: boolean;
  readonly outcomes: { readonly good: number; readonly withRejections: number; readonly bad: number; readonly other: number };
  readonly kpis: readonly Kpi[];
  readonly days: readonly TrendDay[];
  readonly quotas: readonly DailyQuota[];
  readonly errors: readonly PageError[];
}

/** Gathers the runs of a sync that began since then, from the ledger. Needs no Temporal server. */
export async function readTrend(cli: Cli, ref: SyncRef, since: number): Promise<TrendDocument> {
  const ledger = await cli.session.ledger();
  const project = await cli.session.project();
  const now = Date.now();
  const scope = syncScope(ref);
  const newest = await ledger.listRuns(scope, MOST_RUNS, 'live');
  const chosen = newest.filter((run) => beganAt(run) >= since).toReversed();
  const runs = trendRuns(chosen, await ledger.readRunFigures(chosen.map(({ id }) => id)), now);
  const from = Math.max(since, runs[0]?.at ?? since);
  const definition = project.find(ref.sync);
  const groups = withHints(await ledger.groupRejections(scope), project.hintsFor(ref.sync));
  return {
    ...ref,
    since,
    until: now,
    runs,
    isCut: newest.length === MOST_RUNS && chosen.length === MOST_RUNS,
    outcomes: outcomesOf(runs),
    kpis: kpisOf(runs, (from + now) / 2),
    days: dailyRequests(runs, from, now),
    quotas: definition === undefined ? [] : dailyQuotas(definition),
    errors: pageErrors(groups, definition?.sync.mapping),
  };
}

function beganAt(run: Run): number {
  return run.startedAt ?? run.requestedAt;
}

function outcomesOf(runs: readonly TrendRun[]): TrendDocument['outcomes'] {
  const count = (...states: readonly TrendRun['state'][]) => runs.filter(({ state }) => states.includes(state)).length;
  const [good, withRejections, bad] = [count('completed'), count('completed-with-rejections'), count('failed', 'abandoned', 'books-open')];
  return { good, withRejections, bad, other: runs.length - good - withRejections - bad };
}

/** The document with ISO times, as `--json` prints it. */
export function trendAsJson({ since, until, runs, days, ...document }: TrendDocument): Record<string, unknown> {
  const iso = (at: number) => new Date(at).toISOString();
  return {
    ...document,
    since: iso(since),
    until: iso(until),
    runs: runs.map(({ at, ...run }) => ({ ...run, at: iso(at) })),
    days: days.map(({ at, ...day }) => ({ ...day, day: iso(at).slice(0, 10) })),
  };
}
