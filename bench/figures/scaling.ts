import { cpus } from 'node:os';
import { atLeast, type Figure, perSecond } from '../figure.ts';
import type { Ground } from '../ground.ts';
import { type Bench, checkWhole, type Scale } from '../scale.ts';

const LATENCY_MS = 200;
/** So many that only what a worker does at once limits it. */
const CONCURRENCY = 256;
const WORKERS = 4;

/** APIs without limits, far away, two slices of each source: four workers with a sync each, to one worker with one. */
export const scaling: Bench = { name: 'scaling', measure };

async function measure(ground: Ground, { isQuick }: Scale): Promise<readonly Figure[]> {
  const records = isQuick ? 10_000 : 30_000;
  const one = await recordsPerSecond(ground, 1, records);
  const four = await recordsPerSecond(ground, WORKERS, records);
  const detail = `${perSecond(four, 1)} to ${perSecond(one, 1)}, ${cpus().length} cores for all`;
  return [atLeast('4 workers with 4 syncs, times 1 with 1', four / one, isQuick ? 2 : 3, detail)];
}

/** With as many workers as syncs, from the first request to the last write. */
function recordsPerSecond(ground: Ground, workers: number, records: number): Promise<number> {
  const syncs = Array.from({ length: workers }, (_, n) => ({ name: `people-${n + 1}`, records, isSliced: true, parallel: 2 }));
  // One slot of a kind: each worker has one run.
  return ground.withFleet({ syncs, workers, concurrency: CONCURRENCY, env: { SYNCLINE_SLOTS: '1' } }, async (stand) => {
    await stand.set({ latencyMs: LATENCY_MS });
    await Promise.all(syncs.map(({ name }) => stand.run(name)));
    const { firstAt, lastWriteAt, records: told } = await stand.stats();
    checkWhole(told, records * workers);
    return told / ((lastWriteAt - firstAt) / 1_000);
  });
}
