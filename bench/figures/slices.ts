import { atLeast, type Figure, perSecond } from '../figure.ts';
import type { Ground } from '../ground.ts';
import type { Bench, Scale } from '../scale.ts';
import { compared } from './clean-run.ts';

/** A chain of cursors is the floor under latency: slices are several chains side by side. */
export const slices: Bench = { name: 'slices', measure };

function measure(ground: Ground, { isQuick }: Scale): Promise<readonly Figure[]> {
  const records = isQuick ? 20_000 : 100_000;
  return ground.withStand({ syncs: [{ name: 'people', records, isSliced: true }] }, async (stand) => {
    const { bare, run } = await compared(stand, 'people', records, 50);
    const detail = `${perSecond(records, run.seconds)} for ${perSecond(records, bare.seconds)}`;
    return [atLeast('8 slices at 50 ms, times the unsliced loop', bare.seconds / run.seconds, isQuick ? 2.5 : 4, detail)];
  });
}
