import { bareLoop, type LoopResult } from '../bare-loop.ts';
import { atLeast, type Figure, perSecond, told } from '../figure.ts';
import type { Ground } from '../ground.ts';
import { cpuSeconds, cpuSecondsByPart, WORKER_PARTS } from '../processes.ts';
import { type Bench, CONCURRENCY, type Scale } from '../scale.ts';
import type { Stand } from '../stand.ts';
import { type Compared, compared } from './clean-run.ts';

/** Run before what is measured. */
const WARM_UP = 'others';

/**
 * Without latency there is nothing but work: how fast, and where the processors spend it. What is bounded is a worker that has run before, as the loop has: else the one is
 * compiled while it is measured, and the other was before.
 */
export const cpu: Bench = { name: 'cpu', measure };

async function measure(ground: Ground, scale: Scale): Promise<readonly Figure[]> {
  const records = scale.isQuick ? 40_000 : 100_000;
  const syncs = [{ name: 'people', records }];
  const warm = await ground.withStand({ syncs: [...syncs, { name: WARM_UP, records }] }, async (stand) => {
    await stand.run(WARM_UP);
    await stand.set({ forgetsPages: true });
    return measureParts(ground, stand, records);
  });
  const bounded = speed('no latency, both warm', warm, scale.isQuick ? 0.1 : 0.2);
  if (scale.isQuick) return [bounded, ...warm.parts];
  const first = await ground.withStand({ syncs }, (stand) => measureParts(ground, stand, records));
  const sealed = await ground.withStand({ syncs, values: 'encrypted' }, (stand) => measureParts(ground, stand, records));
  return [
    bounded,
    told("no latency, a worker's first run: of the bare loop", speed('', first, 0).measured),
    told("no latency, a worker's first run, encrypted: of the loop", speed('', sealed, 0).measured),
    ...warm.parts,
  ];
}

function speed(what: string, { bare, run }: Compared, bound: number): Figure {
  const detail = `${perSecond(bare.records, run.seconds)} of ${perSecond(bare.records, bare.seconds)}`;
  return atLeast(`${what}: of the bare loop`, bare.seconds / run.seconds, bound, detail);
}

async function measureParts(ground: Ground, stand: Stand, records: number): Promise<Compared & { readonly parts: readonly Figure[] }> {
  const [worker = 0] = stand.workerPids;
  // Makes the pages, too.
  await bareLoop(stand.url, records, CONCURRENCY);
  const look = () => ({ worker: cpuSeconds(worker), threads: cpuSecondsByPart(worker), temporal: cpuSeconds(ground.temporalPid) });
  const before = look();
  const both = await compared(stand, 'people', records, 0);
  const [after, api] = [look(), both.apiCpuSeconds];
  const bare = meanOf(both.bare, await bareLoop(stand.url, records, CONCURRENCY));
  const each = (seconds: number) => `${((seconds * 1e6) / records).toFixed(1)} µs`;
  const line = (what: string, seconds: number) => told(`CPU for a record: ${what}`, each(seconds));
  return {
    ...both,
    bare,
    parts: [
      line('worker process', after.worker - before.worker),
      ...WORKER_PARTS.map((part) => line(`  ${part}`, after.threads[part] - before.threads[part])),
      line('Temporal server', after.temporal - before.temporal),
      line("the bench's APIs", api),
      line('bare loop', bare.cpuSeconds),
    ],
  };
}

/** Before the run and after it: a machine is not equally quick at all times. */
function meanOf(before: LoopResult, after: LoopResult): LoopResult {
  return { records: before.records, seconds: (before.seconds + after.seconds) / 2, cpuSeconds: (before.cpuSeconds + after.cpuSeconds) / 2 };
}
