import { atMost, type Figure, inSeconds } from '../figure.ts';
import type { Ground } from '../ground.ts';
import { type Bench, checkWhole, type Scale } from '../scale.ts';
import { cleanRun, LATENCY_MS, recordsAt20Ms } from './clean-run.ts';

/** Requests that fail at random, to read and to write, before anything is done. */
export const errors: Bench = { name: 'errors', measure };

async function measure(ground: Ground, scale: Scale): Promise<readonly Figure[]> {
  const records = recordsAt20Ms(scale);
  const clean = await cleanRun(ground, records);
  const troubled = await ground.withStand({ syncs: [{ name: 'people', records }] }, async (stand) => {
    await stand.set({ latencyMs: LATENCY_MS, failPercent: 2 });
    return stand.run('people');
  });
  checkWhole(troubled.stats.records, records);
  const detail = `${inSeconds(troubled.seconds)} for ${inSeconds(clean.seconds)}, ${troubled.stats.failed} failed`;
  return [atMost('2 % random 500s, times the run without', troubled.seconds / clean.seconds, 1.5, detail)];
}
