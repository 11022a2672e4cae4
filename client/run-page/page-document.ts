import type { ResolvedSync } from '../../definition/resolved.ts';
import { parseSyncScope } from '../../engine/ids.ts';
import type { Json } from '../../engine/json.ts';
import type { Run, RunTimeline, SlowRequest } from '../../ledger/ledger.ts';
import { withoutValues } from '../../ledger/rows/rejection-groups.ts';
import { outcomeCounts, settledCount } from '../following/run-snapshot.ts';
import { type Latencies, latenciesOf } from '../page/latencies.ts';
import type { RunReport } from '../reports/run-report.ts';
import { type PageWait, waitsAmong } from './find-waits.ts';
import { pacePerSecond, type UsedLimit, usedLimits } from './limits-used.ts';
import { type PageError, pageErrors } from './page-errors.ts';
import { type PageSlot, pageSlots } from './page-slots.ts';
import { type PageStep, pageSteps } from './page-steps.ts';
import { pathWords, plainPath } from './plain-path.ts';

export interface PageRequest extends Pick<SlowRequest, 'method' | 'path' | 'durationMs' | 'kind' | 'records'> {
  readonly fromMs: number;
  readonly status: number | null;
  readonly segment: number;
}

/** All that the page of a run shows, and `--json` prints: counts, times, words of definitions, and messages without what looks like a value; no key and no field of a record. Times are from the begin of the run. */
export interface PageDocument {
  readonly run: ReturnType<typeof aboutRun>;
  readonly books: RunReport['books'];
  readonly totals: Run['totals'];
  readonly outcomes: readonly { readonly outcome: string; readonly records: number }[];
  readonly stepMs: number;
  readonly slots: readonly PageSlot[];
  /** Records that the run read and later runs have read again: their time is not kept. */
  readonly untimed: number;
  readonly waits: readonly PageWait[];
  readonly latencyMs: Latencies | null;
  readonly limits: readonly UsedLimit[];
  readonly pacePerSecond: number | null;
  readonly requests: { readonly writes: number; readonly others: number };
  readonly slowest: readonly PageRequest[];
  readonly steps: readonly PageStep[];
  readonly errors: readonly PageError[];
}

export interface PageParts {
  readonly report: RunReport;
  readonly timeline: RunTimeline;
  readonly stepMs: number;
  /** As frozen for the run; undefined where it never had one. */
  readonly definition: ResolvedSync | undefined;
  readonly now: number;
}

export function makePageDocument({ report, timeline, stepMs, definition, now }: PageParts): PageDocument {
  const { run, books, durationMs } = report;
  const began = run.startedAt ?? run.requestedAt;
  const slots = pageSlots(timeline, stepMs, durationMs);
  const steps = pageSteps(run, timeline.segments, now);
  const limits = definition === undefined ? [] : limitsOf(definition, slots, stepMs);
  const writes = timeline.requests.reduce((sum, { requests }) => sum + requests, 0);
  const words = pathWords(plainJson(definition));
  return {
    run: aboutRun(report),
    books,
    totals: run.totals,
    outcomes: outcomesOf(run),
    stepMs,
    slots,
    untimed: Math.max(0, books.taken - slots.reduce((sum, { read }) => sum + read, 0)),
    waits: [...waitsAmong(steps, slots, timeline, stepMs), ...standing(run, began, now)],
    latencyMs: latenciesOf(timeline.requests) ?? null,
    limits,
    pacePerSecond: pacePerSecond(limits) ?? null,
    requests: { writes, others: Math.max(0, run.totals.requests - writes) },
    slowest: timeline.slowest.map(({ sentAt, status = null, path, segment, ...request }) => ({
      ...request,
      fromMs: sentAt - began,
      status,
      path: plainPath(path, words),
      segment: segment + 1,
    })),
    steps,
    errors: pageErrors(report.rejections, definition?.sync.mapping),
  };
}

function aboutRun({ run, durationMs, url }: RunReport) {
  const time = (at: number | undefined) => (at === undefined ? null : new Date(at).toISOString());
  const { trigger, state, failure } = run;
  return {
    id: run.id,
    ...parseSyncScope(run.scope),
    trigger,
    state,
    requestedAt: time(run.requestedAt),
    startedAt: time(run.startedAt),
    endedAt: time(run.endedAt),
    durationMs,
    recordsPerSecond: durationMs > 0 ? Math.round((settledCount(run.totals) * 10_000) / durationMs) / 10 : null,
    failure: failure === undefined ? null : { code: failure.code, message: withoutValues(failure.message) },
    url: url ?? null,
  };
}

function outcomesOf({ totals }: Run): PageDocument['outcomes'] {
  const taken = [['deleted', totals.deleted] as const, ['kept', totals.deletesHeld] as const].filter(([, records]) => records > 0);
  return [...outcomeCounts(totals), ...taken].map(([outcome, records]) => ({ outcome, records }));
}

function limitsOf({ sync, connections }: ResolvedSync, slots: readonly PageSlot[], stepMs: number): readonly UsedLimit[] {
  const { source, target } = sync;
  return [...new Set([target.connection, source.connection])].flatMap((name) => {
    const connection = connections[name];
    return connection === undefined ? [] : usedLimits(connection, name === target.connection ? slots : undefined, stepMs);
  });
}

/** Of a run that is open, why it stands still now. */
function standing(run: Run, began: number, now: number): readonly PageWait[] {
  return run.waits.map(({ side, reason, untilMs }) => ({ fromMs: now - began, untilMs: Math.max(now, untilMs) - began, reason: `${side}: ${reason}` }));
}

function plainJson(definition: ResolvedSync | undefined): Json | undefined {
  return definition === undefined ? undefined : JSON.parse(JSON.stringify(definition));
}
