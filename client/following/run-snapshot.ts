import { assertNever } from '../../engine/assert-never.ts';
import type { RunTotals } from '../../engine/outcome.ts';
import type { RunState } from '../../engine/run.ts';
import type { Run, RunWait } from '../../ledger/ledger.ts';
import { formatDuration } from '../output/times.ts';
import { type Absence, absenceWords } from '../temporal/absence.ts';
import { retryWords, type StepRetry } from '../temporal/workflow-state.ts';

/** A run as it is at one moment of being followed. */
export interface RunSnapshot {
  readonly run: Run;
  readonly sync: string;
  readonly now: number;
  /** Records a second over the last seconds, where there is a speed yet. */
  readonly perSecond: number | undefined;
  readonly trouble: FollowTrouble | undefined;
  /** A step that failed and is tried again. */
  readonly retry: StepRetry | undefined;
}

/** Why a run does not move although nothing waits: nobody does its work, or Temporal itself is away. */
export type FollowTrouble = Absence | 'no-server';

/** Shows a run to whoever follows it. */
export interface RunView {
  update(snapshot: RunSnapshot): void;
  /** Leaves the terminal as it should be; nothing is shown afterwards. */
  end(): void;
}

/** Records that have their outcome. */
export function settledCount(totals: RunTotals): number {
  return totals.written + totals.unchanged + totals.superseded + totals.skipped + totals.rejected + totals.held;
}

/** Records that the run will have taken, as far as is known. */
export function expectedCount(run: Run): number | undefined {
  const { expected, read, retriedFromEarlier } = run.totals;
  if (run.options.limit !== undefined && expected !== undefined) return Math.min(expected, run.options.limit);
  return expected === undefined ? undefined : Math.max(expected, read) + retriedFromEarlier;
}

export function isOpen(state: RunState): boolean {
  switch (state) {
    case 'requested':
    case 'running':
    case 'paused':
      return true;
    case 'completed':
    case 'completed-with-rejections':
    case 'failed':
    case 'cancelled':
    case 'abandoned':
    case 'books-open':
      return false;
    default:
      return assertNever(state);
  }
}

/** What the run does now, in two words. */
export function phaseWords(snapshot: RunSnapshot): string {
  const { run, trouble } = snapshot;
  if (trouble === 'no-server') return 'Temporal does not answer';
  if (trouble !== undefined) return `waiting for ${absenceWords(trouble)}`;
  if (run.state === 'paused') return 'paused';
  if (run.state === 'requested') return 'starting';
  return {
    planning: 'planning',
    lookups: 'reading lookups',
    syncing: 'syncing',
    sweeping: sweepWords(run),
    reconciling: 'reading the target back',
    settling: 'settling',
    done: 'done',
  }[run.phase];
}

function sweepWords({ sweep }: Run): string {
  if (sweep === undefined || sweep.state === 'looking') return 'looking for what has gone';
  return sweep.state === 'waiting' ? 'waiting for a person' : 'deleting what has gone';
}

/** Why the run stands still: its waits, else the step that is tried again. */
export function standstillLines({ run, now, retry }: RunSnapshot): readonly string[] {
  const waits = waitLines(run.waits, now);
  return waits.length > 0 || retry === undefined ? waits : [retryWords(retry, now)];
}

/** Waits that are not over: `target: waiting 12 s: hubspot allows 10 requests/s`. */
export function waitLines(waits: readonly RunWait[], now: number): readonly string[] {
  return waits
    .filter((wait) => wait.untilMs > now)
    .map((wait) => `${wait.side}: waiting ${formatDuration(Math.ceil((wait.untilMs - now) / 1000) * 1000)}: ${wait.reason}`);
}

/** Outcomes that are not zero, in a fixed order; `created` and `updated` where the target tells them apart. */
export function outcomeCounts(totals: RunTotals): readonly (readonly [name: string, count: number])[] {
  const unknownKind = totals.written - totals.created - totals.updated;
  const counts: readonly (readonly [string, number])[] = [
    ['created', totals.created],
    ['updated', totals.updated],
    ['written', unknownKind],
    ['unchanged', totals.unchanged],
    ['superseded', totals.superseded],
    ['skipped', totals.skipped],
    ['rejected', totals.rejected],
    ['held', totals.held],
  ];
  return counts.filter(([, count]) => count > 0);
}

/** What a run has done: the outcomes of records, and what it took from the target. */
export function workCounts(totals: RunTotals): readonly (readonly [name: string, count: number])[] {
  const taken: readonly (readonly [string, number])[] = [
    ['deleted', totals.deleted],
    ['kept', totals.deletesHeld],
    ['not deleted', totals.deletesRejected],
  ];
  return [...outcomeCounts(totals), ...taken.filter(([, count]) => count > 0)];
}
