import { atMost, type Figure } from '../figure.ts';
import type { Ground } from '../ground.ts';
import { forgetPeak, peakMemory } from '../processes.ts';
import type { Bench, Scale } from '../scale.ts';
import type { Stand } from '../stand.ts';
import { firstRun } from './clean-run.ts';

/** Ten times the records take no more memory. Each is measured in a worker process of its own, after the same warm-up run. */
export const memory: Bench = { name: 'memory', measure };

function measure(ground: Ground, { isQuick }: Scale): Promise<readonly Figure[]> {
  const [few, many] = isQuick ? [20_000, 100_000] : [100_000, 1_000_000];
  const sizes = { warmup: few, again: few, few, many };
  const syncs = Object.entries(sizes).map(([name, records]) => ({ name, records }));
  return ground.withStand({ syncs }, async (stand) => {
    const small = await peakOf(stand, 'warmup', 'few', sizes);
    await stand.stopWorkers();
    await stand.startWorker();
    const large = await peakOf(stand, 'again', 'many', sizes);
    const what = `peak memory, ${many.toLocaleString('en-US')} records to ${few.toLocaleString('en-US')}`;
    return [atMost(what, large / small, isQuick ? 1.5 : 1.3, `${megabytes(large)} to ${megabytes(small)}`)];
  });
}

async function peakOf<Name extends string>(stand: Stand, warmup: Name, measured: Name, sizes: Readonly<Record<Name, number>>): Promise<number> {
  const [worker = 0] = stand.workerPids;
  await firstRun(stand, warmup, sizes[warmup], 0);
  forgetPeak(worker);
  await firstRun(stand, measured, sizes[measured], 0);
  return peakMemory(worker);
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1e6)} MB`;
}
