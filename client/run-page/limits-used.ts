import type { ResolvedConnection } from '../../definition/resolved.ts';
import { parseDuration } from '../../engine/duration.ts';
import type { PageSlot } from './page-slots.ts';

/** One declared limit of an account beside what the run's writes used of it. */
export interface UsedLimit {
  readonly connection: string;
  readonly count: number;
  readonly perMs: number;
  /** Write requests in the busiest stretch of that length; absent: of a connection that the run only reads, as the times of reads are not kept. */
  readonly busiest?: number;
  /** The share that it used while it wrote: of the stretches of its length with a write request in them. */
  readonly usedShare?: number;
}

/** To the accuracy of a slot: a stretch shorter than one is its part of it. */
export function usedLimits(connection: ResolvedConnection, slots: readonly PageSlot[] | undefined, stepMs: number): readonly UsedLimit[] {
  return (connection.limits.requests ?? []).map(({ count, per }) => {
    const perMs = parseDuration(per) ?? 0;
    const own = { connection: connection.name, count, perMs };
    return slots === undefined ? own : { ...own, busiest: busiestStretch(slots, perMs, stepMs), usedShare: meanPace(slots, perMs, stepMs) / (count / perMs) };
  });
}

/** What may be asked in a second by the strictest of the short windows: in long ones, requests come as they come. */
export function pacePerSecond(limits: readonly UsedLimit[]): number | undefined {
  const paces = limits.filter(({ perMs, busiest }) => perMs > 0 && perMs <= 60_000 && busiest !== undefined).map(({ count, perMs }) => (count * 1_000) / perMs);
  return paces.length === 0 ? undefined : Math.min(...paces);
}

/** A slot may be shorter than the time from one request to the next: so as long a stretch is looked at as the limit, at least a second and at most a minute. */
const LEAST_STRETCH_MS = 1_000;
const MOST_STRETCH_MS = 60_000;

/** Requests a millisecond, over those stretches in which something was sent; the last one ends where the sending does. */
function meanPace(slots: readonly PageSlot[], perMs: number, stepMs: number): number {
  const sent = sentBySlot(slots);
  const width = Math.max(1, Math.round(Math.min(MOST_STRETCH_MS, Math.max(LEAST_STRETCH_MS, perMs)) / stepMs));
  const first = sent.findIndex((count) => count > 0);
  const end = sent.findLastIndex((count) => count > 0) + 1;
  let requests = 0;
  let slotsInUse = 0;
  for (let from = first; from >= 0 && from < end; from += width) {
    const stretch = sent.slice(from, Math.min(end, from + width));
    const inside = stretch.reduce((sum, count) => sum + count, 0);
    requests += inside;
    // What is left of a second at the end says nothing of a pace.
    if (inside > 0) slotsInUse += end - first < width ? width : stretch.length;
  }
  return slotsInUse === 0 ? 0 : requests / (slotsInUse * stepMs);
}

function sentBySlot(slots: readonly PageSlot[]): readonly number[] {
  return slots.map(({ requests }) => Object.values(requests).reduce((sum, count) => sum + count, 0));
}

function busiestStretch(slots: readonly PageSlot[], perMs: number, stepMs: number): number {
  const sent = sentBySlot(slots);
  const width = Math.max(1, Math.round(perMs / stepMs));
  let inside = 0;
  let most = 0;
  for (const [slot, count] of sent.entries()) {
    inside += count - (sent[slot - width] ?? 0);
    most = Math.max(most, inside);
  }
  return Math.round(perMs < stepMs ? (most * perMs) / stepMs : most);
}
