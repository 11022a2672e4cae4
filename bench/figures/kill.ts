import { setTimeout as sleep } from 'node:timers/promises';
import { atMost, type Figure, inSeconds, told } from '../figure.ts';
import type { Ground } from '../ground.ts';
import { type Bench, CONCURRENCY, checkWhole, type Scale } from '../scale.ts';
import type { Stand } from '../stand.ts';
import { LATENCY_MS } from './clean-run.ts';

const PAGE = 100;
/** Pages that were read so long before the kill may be read again. */
const LAST_SECONDS = 2;

/** The worker is killed in the middle of a run, and another one started at once: what is done again, and when it goes on. */
export const kill: Bench = { name: 'kill', isPatient: true, measure };

function measure(ground: Ground, { isQuick }: Scale): Promise<readonly Figure[]> {
  const records = isQuick ? 20_000 : 100_000;
  const env: Record<string, string> = isQuick ? { SYNCLINE_HEARTBEAT_TIMEOUT_MS: '5000' } : {};
  return ground.withStand({ syncs: [{ name: 'people', records }], env, isPrompt: isQuick }, async (stand) => {
    await stand.set({ latencyMs: LATENCY_MS });
    const running = stand.run('people');
    // It is awaited further down, and may fail before.
    running.catch(() => undefined);
    const { killedAt, nextWriteAt } = await killInTheMiddle(stand, records / 3);
    const { stats } = await running;
    const endedAt = Date.now();
    checkWhole(stats.records, records);
    const oldest = stats.pagesReadAgain === 0 ? 0 : (killedAt - stats.oldestReadAgainAt) / 1_000;
    return [
      atMost('SIGKILL: batches sent again', Math.ceil(stats.recordsSentAgain / PAGE), CONCURRENCY, `of ${stats.writes}`),
      atMost('SIGKILL: age of pages read again, s', oldest, LAST_SECONDS, `${stats.pagesReadAgain} of ${stats.reads} pages`),
      told('SIGKILL: from the kill to the next write', `${inSeconds((nextWriteAt - killedAt) / 1_000)}, of which ${isQuick ? 5 : 20} s heartbeat time-out`),
      told(
        'SIGKILL: from the kill to the end',
        `${inSeconds((endedAt - killedAt) / 1_000)}, as lost writes are looked into ${isQuick ? 6 : 92} s after they began`,
      ),
    ];
  });
}

async function killInTheMiddle(stand: Stand, written: number): Promise<{ readonly killedAt: number; readonly nextWriteAt: number }> {
  const until = async (isSo: (stats: Awaited<ReturnType<Stand['stats']>>) => boolean) => {
    const end = Date.now() + 300_000;
    for (;;) {
      const stats = await stand.stats();
      if (isSo(stats)) return stats;
      if (Date.now() > end) throw new Error('The run did not go on within five minutes.');
      await sleep(20);
    }
  };
  await until((stats) => stats.records >= written);
  const killedAt = await stand.killWorker();
  // What was under way when it was killed has arrived.
  const { lastWriteAt } = await until((stats) => stats.lastWriteAt > killedAt + 500);
  return { killedAt, nextWriteAt: lastWriteAt };
}
