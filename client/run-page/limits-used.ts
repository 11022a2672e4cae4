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
  /** The share that it used while it wrote: of the slots with a write request in them. */
  readonly usedShare?: number;
}

/** To the accuracy of a slot: a stretch shorter than one is its part of it. */
export function usedLimits(connection: ResolvedConnection, slots: readonly PageSlot[] | undefined, stepMs: number): readonly UsedLimit[] {
  return (connection.limits.requests ?? []).map(({ count, per }) => {
    const perMs = parseDuration(per) ?? 0;
    const own = { connection: connection.name, count, perMs };
    return slots === undefined ? own : { ...own, busiest: busiestStretch(slots, perMs, stepMs), usedShare: meanPace(slots, stepMs) / (count / perMs) };
  });
}

/** What may be asked in a second by the strictest of the short windows: in long ones, requests come as they come. */
export function pacePerSecond(limits: readonly UsedLimit[]): number | undefined {
  const paces = limits.filter(({ perMs, busiest }) => perMs > 0 && perMs <= 60_000 && busiest !== undefined).map(({ count, perMs }) => (count * 1_000) / perMs);
  return paces.length === 0 ? undefined : Math.min(...paces);
}

/** Requests a millisecond. */
function meanPace(slots: readonly PageSlot[], stepMs: number): number {
  const sent = sentBySlot(slots).filter((count) => count > 0);
  return sent.length === 0 ? 0 : sent.reduce((sum, count) => sum + count, 0) / (sent.length * stepMs);
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
