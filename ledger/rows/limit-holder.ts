import { divideByWeight, divideWhole } from '../../engine/divide.ts';
import type { LimitAsk, LimitBlock, LimitPause } from '../limit-store.ts';
import { number, type Row, text } from './row.ts';

/** Who shares an account, and what it has of it. */
export interface Holder {
  readonly holder: string;
  readonly weight: number;
  readonly demand: number;
  readonly share: number;
  readonly placesWanted: number;
  readonly places: number;
  readonly since: number;
}

export function readHolder(row: Row): Holder {
  return {
    holder: text(row, 'holder'),
    weight: number(row, 'weight'),
    demand: number(row, 'demand'),
    share: number(row, 'share'),
    placesWanted: number(row, 'places_wanted'),
    places: number(row, 'places'),
    since: number(row, 'had_place_at'),
  };
}

export function readBlock(row: Row): LimitBlock {
  return { untilMs: number(row, 'until'), reason: text(row, 'reason') === 'quota' ? 'quota' : 'asked' };
}

/** What is left of it. */
export function pauseOf(row: Row, at: number): LimitPause {
  const { untilMs, reason } = readBlock(row);
  return { ms: untilMs - at, reason };
}

/** The share of the holder at `own`, as far as the others have let go of it. */
export function shareOf(holders: readonly Holder[], own: number): number {
  return Math.max(0, Math.min(divideByWeight(holders)[own] ?? 0, 1 - sumOthers(holders, own, 'share')));
}

/** Its part of the requests in flight, as far as the others have let go of them. */
export function placesOf({ places }: LimitAsk, holders: readonly Holder[], own: number): number {
  if (places === undefined) return 0;
  const { of } = places;
  // Who is limited to none has no part in what is left over.
  const claimants = holders.map((each) => ({ ...each, weight: each.placesWanted > 0 ? each.weight : 0, demand: Math.min(1, each.placesWanted / of) }));
  const part = divideWhole(of, claimants)[own] ?? 0;
  return Math.max(0, Math.min(part, of - sumOthers(holders, own, 'places')));
}

function sumOthers(holders: readonly Holder[], own: number, what: 'share' | 'places'): number {
  return holders.reduce((sum, holder, index) => (index === own ? sum : sum + holder[what]), 0);
}
