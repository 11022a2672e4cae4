import { type Books, closeBooks } from '../../engine/books.ts';
import { parseSyncScope } from '../../engine/ids.ts';
import { fewerThanTold } from '../../engine/reconcile.ts';
import type { Reconciliation } from '../../ledger/drift-store.ts';
import type { Run } from '../../ledger/ledger.ts';
import type { RunShape } from '../../ledger/shape-store.ts';
import { settledCount } from '../following/run-snapshot.ts';
import type { HintedGroup } from './rejection-groups.ts';
import type { TakeAway } from './take-away.ts';

export interface RunDrift {
  readonly checked: number;
  readonly found: Reconciliation['found'];
  readonly counts?: Reconciliation['counts'];
  /** Of what was missing or changed, what was not written again by the run. */
  readonly left: number;
}

/** Records that are not in the target as they were written, and that the run left so. */
export function unrepairedDrift(drift: RunDrift | undefined): number {
  if (drift === undefined) return 0;
  const fewer = drift.counts === undefined ? 0 : fewerThanTold(drift.counts);
  return fewer + drift.found.duplicated + drift.left;
}

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
  /** What the run found when it read the target back at its end. */
  readonly drift: RunDrift | undefined;
  /** What the run met at the source; undefined where it is not kept. */
  readonly shape: RunShape | undefined;
  readonly takeAway: TakeAway;
  /** The run in the Web UI. */
  readonly url: string | undefined;
}

export interface RunReportParts {
  readonly run: Run;
  readonly rejections: readonly HintedGroup[];
  readonly maxRejectedPercent: number;
  readonly drift: RunDrift | undefined;
  readonly shape: RunShape | undefined;
  readonly takeAway: TakeAway;
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
  const { run, books, durationMs, rejections, drift, shape, url } = report;
  const perSecond = durationMs > 0 ? Math.round((settledCount(run.totals) * 10_000) / durationMs) / 10 : undefined;
  return {
    run: runDocument(run),
    books,
    durationMs,
    recordsPerSecond: perSecond,
    rejections,
    drift,
    ...(shape?.findings === undefined ? {} : { source: { changes: shape.findings, isAccepted: shape.acceptedAt !== undefined } }),
    url,
  };
}
