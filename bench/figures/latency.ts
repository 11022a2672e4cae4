import { bareLoop, bareReading } from '../bare-loop.ts';
import { atLeast, atMost, type Figure, inSeconds, perSecond } from '../figure.ts';
import type { Ground } from '../ground.ts';
import { type Bench, CONCURRENCY, type Scale } from '../scale.ts';
import { firstRun, LATENCY_MS, noteCleanRun, recordsAt20Ms } from './clean-run.ts';

/** At 20 ms: a first run, what it leaves in history, and a run that finds nothing changed. */
export const latency: Bench = { name: 'latency', measure };

async function measure(ground: Ground, scale: Scale): Promise<readonly Figure[]> {
  const records = recordsAt20Ms(scale);
  const syncs = [{ name: 'people', records }];
  const figures = await ground.withStand({ syncs }, async (stand) => {
    await stand.set({ latencyMs: LATENCY_MS });
    const bare = await bareLoop(stand.url, records, CONCURRENCY);
    const reading = await bareReading(stand.url, records);
    const first = await noteCleanRun(ground, firstRun(stand, 'people', records, LATENCY_MS));
    await stand.set({ latencyMs: LATENCY_MS });
    const second = await stand.run('people');
    return {
      bare,
      lines: [
        ofTheLoop('20 ms', scale, records, bare.seconds / first.seconds, `${perSecond(records, first.seconds)} of ${perSecond(records, bare.seconds)}`),
        atMost(`events of history for ${records / 1_000},000 records`, first.historyEvents, (400 * records) / 100_000),
        atMost('nothing changed: writes', second.stats.writes, 0),
        atMost(
          'nothing changed, times the bare reading',
          second.seconds / reading.seconds,
          scale.isQuick ? 1.4 : 1.1,
          `${inSeconds(second.seconds)} for ${inSeconds(reading.seconds)}`,
        ),
      ],
    };
  });
  if (scale.isQuick) return figures.lines;
  const sealed = await ground.withStand({ syncs, values: 'encrypted' }, (stand) => firstRun(stand, 'people', records, LATENCY_MS));
  return [...figures.lines, ofTheLoop('20 ms, encrypted', scale, records, figures.bare.seconds / sealed.seconds, perSecond(records, sealed.seconds))];
}

function ofTheLoop(what: string, { isQuick }: Scale, records: number, share: number, detail: string): Figure {
  return atLeast(`${what}, ${records / 1_000},000 records: of the bare loop`, share, isQuick ? 0.7 : 0.85, detail);
}
