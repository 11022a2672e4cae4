import { setTimeout as sleep } from 'node:timers/promises';
import { mailOf } from '../../test/support/telling-api.ts';
import { EventsStand } from '../events-stand.ts';
import { atMost, counted, type Figure, told } from '../figure.ts';
import type { Ground } from '../ground.ts';
import type { Bench, Scale } from '../scale.ts';

const PEOPLE = 100;
const SENDERS = 32;
const PATIENCE_MS = 60_000;
/** Between two single deliveries, so that each finds nothing going on. */
const PAUSE_MS = 400;

/** Webhooks: how many are acknowledged in a second, and how long one takes to be a record of the target. */
export const events: Bench = { name: 'events', measure };

async function measure(ground: Ground, scale: Scale): Promise<readonly Figure[]> {
  const stand = await EventsStand.build(ground, 'bench-events', PEOPLE);
  try {
    const firstMs = await measureOne(stand, 1, 'first');
    const latencies = await measureLatencies(stand, scale.isQuick ? 10 : 50);
    const readBefore = stand.api.readCount;
    const burst = await measureBurst(stand, scale.isQuick ? 2_000 : 10_000);
    const reads = stand.api.readCount - readBefore;
    if (stand.api.mistakes.length > 0) throw new Error(`the target was told wrong things: ${stand.api.mistakes[0]}`);
    const at = (share: number) => (latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))] ?? 0) / 1_000;
    return [
      atMost('webhook to record in the target: median, s', at(0.5), 1, `of ${latencies.length}`),
      told('… 95 of 100 within', `${at(0.95).toFixed(2)} s; the first, with a run to begin, ${(firstMs / 1_000).toFixed(2)} s`),
      told(
        'acknowledged deliveries',
        `${counted(burst.count / burst.seconds)}/s  ${counted(burst.count)} in ${burst.seconds.toFixed(1)} s, ${SENDERS} at once`,
      ),
      atMost(`reads for ${counted(burst.count)} events of ${PEOPLE} records`, reads, PEOPLE * 5),
      told('… from the last delivery to all of them in the target', `${burst.drainSeconds.toFixed(1)} s`),
    ];
  } finally {
    await stand.stop();
  }
}

/** Each is of a record of its own. @returns in ms, the shortest first */
async function measureLatencies(stand: EventsStand, count: number): Promise<readonly number[]> {
  const latencies: number[] = [];
  for (let n = 0; n < count; n++) {
    await sleep(PAUSE_MS);
    latencies.push(await measureOne(stand, 2 + n, `one-${n}`));
  }
  return latencies.toSorted((one, other) => one - other);
}

async function measureOne(stand: EventsStand, id: number, deliveryId: string): Promise<number> {
  const { api } = stand;
  const { version } = api.change(id);
  const sentAt = Date.now();
  await stand.tell(id, deliveryId);
  const place = `${mailOf(id)} ${version}`;
  for (const end = sentAt + PATIENCE_MS; Date.now() < end; await sleep(2)) {
    const writtenAt = api.writtenAt.get(place);
    if (writtenAt !== undefined) return writtenAt - sentAt;
  }
  throw new Error('a record was not in the target within a minute');
}

async function measureBurst(stand: EventsStand, count: number) {
  for (let id = 1; id <= PEOPLE; id++) stand.api.change(id);
  const startedAt = Date.now();
  let next = 0;
  const send = async () => {
    for (let n = next++; n < count; n = next++) await stand.tell(1 + (n % PEOPLE), `burst-${n}`);
  };
  await Promise.all(Array.from({ length: SENDERS }, send));
  const sentAt = Date.now();
  for (const end = sentAt + PATIENCE_MS; !stand.api.isReflected; await sleep(10)) {
    if (Date.now() > end) throw new Error('a burst was not in the target within a minute');
  }
  return { count, seconds: (sentAt - startedAt) / 1_000, drainSeconds: (Date.now() - sentAt) / 1_000 };
}
