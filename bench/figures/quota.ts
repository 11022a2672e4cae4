import { atMost, type Figure, inSeconds } from '../figure.ts';
import type { Ground } from '../ground.ts';
import { type Bench, checkWhole, type Scale } from '../scale.ts';

const PAGE = 10;

/** A quota that begins anew each minute, known from the definition or found out: whatever waits it takes, the run ends well. */
export const quota: Bench = { name: 'quota', isPatient: true, measure };

async function measure(ground: Ground, scale: Scale): Promise<readonly Figure[]> {
  const { count, per } = scale.isQuick ? { count: 75, per: 10 } : { count: 450, per: 60 };
  const named = `a quota of ${count} in ${per} s`;
  const [declared, found] = await Promise.all([
    measureOne(ground, `${named}, declared`, `{ concurrency: 8, requests: [{ count: ${count}, per: ${per}s }] }`, { count, per }),
    measureOne(ground, `${named}, not declared`, '{ concurrency: 8 }', { count, per }),
  ]);
  return [declared, found];
}

async function measureOne(ground: Ground, what: string, limits: string, { count, per }: { readonly count: number; readonly per: number }): Promise<Figure> {
  // As many requests as two windows and a half have.
  const records = Math.round((count * 2.5 * PAGE) / 2);
  return ground.withStand({ syncs: [{ name: 'people', records }], limits, page: PAGE }, async (stand) => {
    await stand.set({ latencyMs: 5, quota: count, quotaPerMs: per * 1_000 });
    const run = await stand.run('people').catch((error: Error) => error);
    if (run instanceof Error) return atMost(`${what}: failed runs`, 1, 0, run.message);
    const { reads, writes, refused } = run.stats;
    checkWhole(run.stats.records, records);
    return atMost(`${what}: failed runs`, 0, 0, `${reads + writes} requests in ${inSeconds(run.seconds)}, ${refused} refused`);
  });
}
