import type { Figure } from '../figure.ts';
import type { Ground } from '../ground.ts';
import { type Bench, checkWhole, type Scale } from '../scale.ts';
import { cpuOfWorkers, usedAndRefused, workShares } from './used-and-refused.ts';

const PER_SECOND = 50;
const BURST = 10;
const LATENCY_MS = 5;
/** Pages and batches of few records, so that the requests are the work. */
const PAGE = 10;

interface Case {
  readonly what: string;
  readonly syncs: readonly string[];
  readonly workers: number;
}

/** An account that takes 50 requests a second and 10 at once, used to the edge by whoever shares it. */
export const limits: readonly Bench[] = [
  limitBench('limits-one', { what: 'one worker', syncs: ['people'], workers: 1 }),
  limitBench('limits-two', { what: 'two workers', syncs: ['people', 'staff'], workers: 2 }),
  limitBench('limits-three', { what: 'three syncs', syncs: ['people', 'staff', 'guests'], workers: 1 }),
];

function limitBench(name: string, { what, syncs, workers }: Case): Bench {
  return { name, isPatient: true, measure: (ground, scale) => measure(ground, scale, { what, syncs, workers }) };
}

function measure(ground: Ground, { isQuick }: Scale, { what, syncs, workers }: Case): Promise<readonly Figure[]> {
  // A request to read and one to write for each page: 40 seconds in all, or 12.
  const records = Math.round(((isQuick ? 12 : 40) * PER_SECOND * PAGE) / 2 / syncs.length);
  const account = `{ concurrency: 8, requests: [{ count: ${PER_SECOND}, per: 1s }] }`;
  // With one slot of a kind two workers must share two runs.
  const env: Record<string, string> = workers > 1 ? { SYNCLINE_SLOTS: '1' } : {};
  const options = { syncs: syncs.map((name) => ({ name, records })), workers, limits: account, page: PAGE, env };
  return ground.withStand(options, async (stand) => {
    await stand.set({ latencyMs: LATENCY_MS, ratePerSecond: PER_SECOND, burst: BURST });
    const before = cpuOfWorkers(stand);
    await Promise.all(syncs.map((name) => stand.run(name)));
    const stats = await stand.stats();
    checkWhole(stats.records, records * syncs.length);
    const allowed = { perSecond: PER_SECOND, burst: BURST };
    return usedAndRefused(
      `50 requests/s, ${what}`,
      allowed,
      isQuick ? 0.9 : 0.95,
      stats,
      workers > 1 ? `, CPU of the workers ${workShares(stand, before)}` : '',
    );
  });
}
