import { bareLoop } from '../bare-loop.ts';
import { atLeast, type Figure, perSecond, told } from '../figure.ts';
import type { Ground } from '../ground.ts';
import { cpuSeconds, cpuSecondsByPart, WORKER_PARTS } from '../processes.ts';
import { type Bench, CONCURRENCY, type Scale } from '../scale.ts';
import type { Stand } from '../stand.ts';
import { type Compared, compared } from './clean-run.ts';

/** The loop is warm when it is measured; a worker is after a run of another sync. */
const WARM_UP = 'others';

/** Without latency there is nothing but work: how fast, and where the processors spend it. */
export const cpu: Bench = { name: 'cpu', measure };

async function measure(ground: Ground, scale: Scale): Promise<readonly Figure[]> {
  const records = scale.isQuick ? 40_000 : 100_000;
  const syncs = [{ name: 'people', records }];
  const plain = await ground.withStand({ syncs }, (stand) => measureParts(ground, stand, records));
  const first = speed('no latency', plain, scale.isQuick ? 0.1 : 0.2);
  if (scale.isQuick) return [first, ...plain.parts];
  const sealed = await ground.withStand({ syncs, values: 'encrypted' }, (stand) => measureParts(ground, stand, records));
  const warm = await ground.withStand({ syncs: [...syncs, { name: WARM_UP, records: records / 5 }] }, async (stand) => {
    await stand.run(WARM_UP);
    return measureParts(ground, stand, records);
  });
  return [
    first,
    told('no latency, encrypted: of the bare loop', speed('', sealed, 0).measured),
    told('no latency, after another run: of the bare loop', speed('', warm, 0).measured),
    ...plain.parts,
  ];
}

function speed(what: string, { bare, run }: Compared, bound: number): Figure {
  const detail = `${perSecond(bare.records, run.seconds)} of ${perSecond(bare.records, bare.seconds)}`;
  return atLeast(`${what}: of the bare loop`, bare.seconds / run.seconds, bound, detail);
}

async function measureParts(ground: Ground, stand: Stand, records: number): Promise<Compared & { readonly parts: readonly Figure[] }> {
  const [worker = 0] = stand.workerPids;
  // The first one makes the pages, and warms the loop.
  await bareLoop(stand.url, records, CONCURRENCY);
  const look = () => ({ worker: cpuSeconds(worker), threads: cpuSecondsByPart(worker), temporal: cpuSeconds(ground.temporalPid) });
  const before = look();
  const both = await compared(stand, 'people', records, 0);
  const [after, api] = [look(), both.apiCpuSeconds];
  const each = (seconds: number) => `${((seconds * 1e6) / records).toFixed(1)} µs`;
  const line = (what: string, seconds: number) => told(`CPU for a record: ${what}`, each(seconds));
  return {
    ...both,
    parts: [
      line('worker process', after.worker - before.worker),
      ...WORKER_PARTS.map((part) => line(`  ${part}`, after.threads[part] - before.threads[part])),
      line('Temporal server', after.temporal - before.temporal),
      line("the bench's APIs", api),
      line('bare loop', both.bare.cpuSeconds),
    ],
  };
}
