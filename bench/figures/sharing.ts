import { setTimeout as sleep } from 'node:timers/promises';
import type { ApiStats } from '../api-settings.ts';
import { atMost, type Figure, inSeconds } from '../figure.ts';
import type { Ground } from '../ground.ts';
import { type Bench, checkWhole, type Scale } from '../scale.ts';
import type { Stand } from '../stand.ts';
import { cpuOfWorkers, usedAndRefused, workShares } from './used-and-refused.ts';

const ACCOUNT = { perSecond: 50, burst: 10 };
/** Pages and batches of few records, so that the requests are the work. */
const PAGE = 10;
const URGENT = 'urgent';
/** More than is looked at, so that all the while there is something to do. */
const MORE_SECONDS = 15;

/** Two workers on a PostgreSQL ledger, three syncs, one account: it is used to the edge, and the sync of the highest priority is done first. */
export const sharing: Bench = { name: 'sharing', isPatient: true, measure };

function measure(ground: Ground, { isQuick }: Scale): Promise<readonly Figure[]> {
  const seconds = isQuick ? 15 : 60;
  const names = ['people', 'staff', URGENT];
  const records = Math.round(((seconds + MORE_SECONDS) * ACCOUNT.perSecond * PAGE) / 2 / names.length);
  const syncs = names.map((name) => ({ name, records, priority: name === URGENT ? 1 : 3 }));
  const limits = `{ concurrency: 8, requests: [{ count: ${ACCOUNT.perSecond}, per: 1s }] }`;
  // Too few slots of a kind for one worker to have all three runs.
  return ground.withFleet({ syncs, workers: 2, limits, page: PAGE, env: { SYNCLINE_SLOTS: '2' } }, async (stand) => {
    await stand.set({ latencyMs: 5, ratePerSecond: ACCOUNT.perSecond, burst: ACCOUNT.burst });
    const before = cpuOfWorkers(stand);
    const running = Promise.all(names.map(async (name) => ({ name, ...(await stand.run(name)) })));
    const [ended, used] = await Promise.all([running, statsOf(stand, names.length, seconds)]);
    const { records: told, refused } = await stand.stats();
    checkWhole(told, records * names.length);
    const urgent = ended.find(({ name }) => name === URGENT)?.seconds ?? Number.POSITIVE_INFINITY;
    const next = Math.min(...ended.filter(({ name }) => name !== URGENT).map((run) => run.seconds));
    const detail = `, CPU of the workers ${workShares(stand, before)}`;
    return [
      ...usedAndRefused('2 workers, 3 syncs, 50 requests/s', ACCOUNT, isQuick ? 0.9 : 0.95, { ...used, refused }, detail),
      // By weight it has two thirds of the account until it is done, which is after half of the time of the others.
      atMost('2 workers, 3 syncs: time of priority 1 to the next', urgent / next, 0.75, `${inSeconds(urgent)} to ${inSeconds(next)}`),
    ];
  });
}

/** What was asked in so many seconds, from when all syncs have begun. */
async function statsOf(stand: Stand, syncs: number, seconds: number): Promise<ApiStats> {
  let from = await stand.stats();
  for (; from.sets < syncs; from = await stand.stats()) await sleep(100);
  const firstAt = Date.now();
  await sleep(seconds * 1_000);
  const to = await stand.stats();
  return { ...to, reads: to.reads - from.reads, writes: to.writes - from.writes, firstAt, lastAt: Date.now() };
}
