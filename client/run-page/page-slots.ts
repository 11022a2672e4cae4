import type { RunTimeline, TimedRequests } from '../../ledger/ledger.ts';
import { type Latencies, latenciesOf } from '../page/latencies.ts';

export const SETTLED = ['created', 'updated', 'written', 'deleted', 'unchanged', 'superseded', 'skipped', 'rejected', 'held'] as const;
export type Settled = (typeof SETTLED)[number];

/** Write requests by what was answered: 2xx and 3xx, 429, other 4xx, 5xx, nothing. */
export const ANSWERS = ['done', 'throttled', 'refused', 'failed', 'unanswered'] as const;
export type Answer = (typeof ANSWERS)[number];

/** One stretch of a run's time. */
export interface PageSlot {
  /** From the begin of the run. */
  readonly fromMs: number;
  readonly read: number;
  readonly settled: Readonly<Record<Settled, number>>;
  readonly requests: Readonly<Record<Answer, number>>;
  readonly latencyMs: Latencies | null;
}

/** All slots up to the end, those in which nothing happened too. */
export function pageSlots(timeline: RunTimeline, stepMs: number, durationMs: number): readonly PageSlot[] {
  const { read, settled, requests } = timeline;
  const last = Math.max(Math.ceil(durationMs / stepMs) - 1, ...[...read, ...settled, ...requests].map(({ slot }) => slot));
  const reads = Map.groupBy(read, ({ slot }) => slot);
  const ends = Map.groupBy(settled, ({ slot }) => slot);
  const sent = Map.groupBy(requests, ({ slot }) => slot);
  return Array.from({ length: Math.max(1, last + 1) }, (_, slot) => {
    const own = sent.get(slot) ?? [];
    return {
      fromMs: slot * stepMs,
      read: sum(reads.get(slot) ?? [], ({ records }) => records),
      settled: settledOf(ends.get(slot) ?? []),
      requests: answersOf(own),
      latencyMs: latenciesOf(own) ?? null,
    };
  });
}

function settledOf(parts: RunTimeline['settled']): PageSlot['settled'] {
  const of = (name: Settled) =>
    sum(
      parts.filter(({ outcome }) => outcome === name),
      ({ records }) => records,
    );
  return {
    created: of('created'),
    updated: of('updated'),
    written: of('written'),
    deleted: of('deleted'),
    unchanged: of('unchanged'),
    superseded: of('superseded'),
    skipped: of('skipped'),
    rejected: of('rejected'),
    held: of('held'),
  };
}

function answersOf(parts: readonly TimedRequests[]): PageSlot['requests'] {
  const counts = { done: 0, throttled: 0, refused: 0, failed: 0, unanswered: 0 };
  for (const part of parts) counts[answerOf(part.status)] += part.requests;
  return counts;
}

function answerOf(status: number | undefined): Answer {
  if (status === undefined) return 'unanswered';
  if (status === 429) return 'throttled';
  if (status >= 500) return 'failed';
  return status >= 400 ? 'refused' : 'done';
}

function sum<Part>(parts: readonly Part[], count: (part: Part) => number): number {
  return parts.reduce((all, part) => all + count(part), 0);
}
