import type { RunTimeline } from '../../ledger/ledger.ts';
import type { PageSlot } from './page-slots.ts';
import type { PageStep } from './page-steps.ts';

/** A stretch in which a run stood still. */
export interface PageWait {
  readonly fromMs: number;
  readonly untilMs: number;
  readonly reason: string;
}

const LEAST_MS = 1_000;

/** Stretches between the first and the last of a run's steps of reading and writing in which it stood still. */
export function waitsAmong(steps: readonly PageStep[], slots: readonly PageSlot[], timeline: RunTimeline, stepMs: number): readonly PageWait[] {
  const work = steps.filter(({ kind }) => kind !== 'other');
  if (work.length === 0) return [];
  const bounds = { stepMs, fromMs: Math.min(...work.map(({ fromMs }) => fromMs)), untilMs: Math.max(...work.map(({ untilMs }) => untilMs)) };
  return findWaits(slots, timeline, bounds);
}

/**
 * Stretches in which nothing was read, settled or under way: what a wait leaves behind, as its reason is not kept. Of what came right before, the reason tells what may have led to it.
 * @param bounds where the run's work began and ended: before and after, it does other things
 */
function findWaits(
  slots: readonly PageSlot[],
  { requests, takenOver }: Pick<RunTimeline, 'requests' | 'takenOver'>,
  { stepMs, ...bounds }: { readonly stepMs: number; readonly fromMs: number; readonly untilMs: number },
): readonly PageWait[] {
  const busy = busySlots(slots, requests, stepMs);
  const waits: PageWait[] = [];
  // The new writer may have sent in the same slot in which it took over.
  const isTakenOver = (from: number, until: number) => takenOver.some(({ slot }) => slot >= from && slot <= until);
  const first = Math.ceil(bounds.fromMs / stepMs);
  const end = Math.min(slots.length, Math.floor(bounds.untilMs / stepMs));
  for (let slot = first; slot < end; slot++) {
    const from = slot;
    while (slot < end && !busy.has(slot)) slot++;
    if ((slot - from) * stepMs < Math.max(LEAST_MS, 2 * stepMs)) continue;
    waits.push({
      fromMs: from * stepMs,
      untilMs: slot * stepMs,
      reason: isTakenOver(from, slot) ? 'its writer was gone, and another one took over what that had sent' : reasonOf(slots[from - 1]),
    });
  }
  return waits;
}

function busySlots(slots: readonly PageSlot[], requests: RunTimeline['requests'], stepMs: number): ReadonlySet<number> {
  const busy = new Set(slots.flatMap(({ read, settled }, slot) => (read > 0 || Object.values(settled).some((count) => count > 0) ? [slot] : [])));
  for (const { slot, durationMs = 0 } of requests)
    for (let under = slot; under <= Math.min(slots.length, slot + Math.floor(durationMs / stepMs)); under++) busy.add(under);
  return busy;
}

function reasonOf(before: PageSlot | undefined): string {
  if (before !== undefined && before.requests.throttled > 0) return 'after an answer 429';
  if (before !== undefined && before.requests.unanswered > 0) return 'after a request without an answer';
  if (before !== undefined && before.requests.failed > 0) return 'after an answer 5xx';
  return 'nothing was read, sent or settled';
}
