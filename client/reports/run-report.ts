import { type Books, closeBooks } from '../../engine/books.ts';
import { parseSyncScope } from '../../engine/ids.ts';
import type { Run } from '../../ledger/ledger.ts';
import { settledCount } from '../following/run-snapshot.ts';
import type { HintedGroup } from './rejection-groups.ts';

/** All that is told of one run. */
export interface RunReport {
  readonly run: Run;
  readonly sync: string;
  readonly books: Books;
  /** Until its end, or until now. */
  readonly durationMs: number;
  /** Of the sync's rejected records, most first. */
  readonly rejections: readonly HintedGroup[];
  readonly maxRejectedPercent: number;
  /** The run in the Web UI. */
  readonly url: string | undefined;
}

export interface RunReportParts {
  readonly run: Run;
  readonly rejections: readonly HintedGroup[];
  readonly maxRejectedPercent: number;
  readonly url: string | undefined;
  readonly now: number;
}

export function makeRunReport({ run, now, ...parts }: RunReportParts): RunReport {
  const durationMs = (run.endedAt ?? now) - (run.startedAt ?? run.requestedAt);
  return { ...parts, run, sync: parseSyncScope(run.scope).sync, books: closeBooks(run.totals), durationMs };
}

/** The run as JSON: stable names, ISO times. */
export function runDocument(run: Run): Record<string, unknown> {
  const { id, scope, totals, ...rest } = run;
  const time = (at: number | undefined) => (at === undefined ? undefined : new Date(at).toISOString());
  return {
    id,
    ...parseSyncScope(scope),
    trigger: rest.trigger,
    state: rest.state,
    phase: rest.phase,
    requestedAt: time(rest.requestedAt),
    startedAt: time(rest.startedAt),
    endedAt: time(rest.endedAt),
    window: rest.window,
    options: rest.options,
    control: rest.control,
    waits: rest.waits,
    failure: rest.failure,
    sweep: rest.sweep,
    totals,
    workflowId: rest.workflowId,
    firstExecutionRunId: rest.firstExecutionRunId,
    definitionHash: rest.definitionHash,
  };
}

export function reportDocument(report: RunReport): Record<string, unknown> {
  const { run, books, durationMs, rejections, url } = report;
  const perSecond = durationMs > 0 ? Math.round((settledCount(run.totals) * 10_000) / durationMs) / 10 : undefined;
  return { run: runDocument(run), books, durationMs, recordsPerSecond: perSecond, rejections, url };
}
