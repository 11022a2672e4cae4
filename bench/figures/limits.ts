import type { ApiStats } from '../api-settings.ts';
import { atLeast, atMost, type Figure, percent } from '../figure.ts';
import type { Ground } from '../ground.ts';
import { cpuSeconds } from '../processes.ts';
import { type Bench, checkWhole, type Scale } from '../scale.ts';
import type { Stand } from '../stand.ts';

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
    const before = stand.workerPids.map(cpuSeconds);
    await Promise.all(syncs.map((name) => stand.run(name)));
    const stats = await stand.stats();
    checkWhole(stats.records, records * syncs.length);
    return figures(what, isQuick ? 0.9 : 0.95, stats, workers > 1 ? `, CPU of the workers ${shares(stand, before)}` : '');
  });
}

function figures(what: string, bound: number, { reads, writes, refused, firstAt, lastAt }: ApiStats, detail: string): readonly Figure[] {
  const seconds = (lastAt - firstAt) / 1_000;
  const used = (reads + writes) / (seconds * PER_SECOND + BURST);
  const asked = reads + writes + refused;
  return [
    atLeast(`50 requests/s, ${what}: share used`, used, bound, `${reads + writes} in ${seconds.toFixed(1)} s${detail}`),
    atMost(`50 requests/s, ${what}: share refused`, refused / asked, 0.001, `${refused} of ${asked}`),
  ];
}

function shares(stand: Stand, before: readonly number[]): string {
  const used = stand.workerPids.map((pid, worker) => cpuSeconds(pid) - (before[worker] ?? 0));
  const sum = used.reduce((total, seconds) => total + seconds, 0);
  return used.map((seconds) => percent(seconds / sum)).join(' and ');
}
