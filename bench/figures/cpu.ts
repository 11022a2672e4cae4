import { bareLoop, type LoopResult } from '../bare-loop.ts';
import { atLeast, type Figure, perSecond, told } from '../figure.ts';
import type { Ground } from '../ground.ts';
import { cpuSeconds, cpuSecondsByPart, WORKER_PARTS } from '../processes.ts';
import { type Bench, CONCURRENCY, type Scale } from '../scale.ts';
import type { Stand } from '../stand.ts';
import { type Compared, compared } from './clean-run.ts';

/** Run before what is measured. */
const WARM_UP = 'others';
/** Others use the machine as well: of one round alone, one cannot say what it tells. */
const ROUNDS = 5;

/**
 * Without latency there is nothing but work: how fast, and where the processors spend it. What is bounded is a worker that has run before, as the loop has: else the one is
 * compiled while it is measured, and the other was before. Rounds of loop, run and loop; told is the one in the middle.
 */
export const cpu: Bench = { name: 'cpu', measure };

async function measure(ground: Ground, scale: Scale): Promise<readonly Figure[]> {
  const records = scale.isQuick ? 40_000 : 100_000;
  const names = Array.from({ length: scale.isQuick ? 1 : ROUNDS }, (_, round) => `people${round + 1}`);
  const rounds = await ground.withStand({ syncs: [WARM_UP, ...names].map((name) => ({ name, records })) }, async (stand) => {
    await stand.run(WARM_UP);
    const measured: Measured[] = [];
    for (const name of names) measured.push(await measureRound(ground, stand, name, records));
    return measured;
  });
  const inOrder = rounds.toSorted((one, other) => ratioOf(one) - ratioOf(other));
  const warm = inOrder[Math.floor(inOrder.length / 2)];
  if (warm === undefined) throw new Error('no round was measured');
  const bounded = atLeast(
    'no latency, both warm: of the bare loop',
    ratioOf(warm),
    scale.isQuick ? 0.1 : 0.2,
    `${speed(warm)}; rounds: ${inOrder.map((round) => ratioOf(round).toFixed(2)).join(', ')}`,
  );
  if (scale.isQuick) return [bounded, ...warm.parts];
  const one = (values: 'plain' | 'encrypted') =>
    ground.withStand({ syncs: [{ name: 'people', records }], values }, (stand) => measureRound(ground, stand, 'people', records));
  const first = await one('plain');
  const sealed = await one('encrypted');
  return [
    bounded,
    told("no latency, a worker's first run: of the bare loop", `${ratioOf(first).toFixed(2)}  ${speed(first)}`),
    told("no latency, a worker's first run, encrypted: of the loop", `${ratioOf(sealed).toFixed(2)}  ${speed(sealed)}`),
    ...warm.parts,
  ];
}

interface Measured extends Compared {
  readonly parts: readonly Figure[];
}

function ratioOf({ bare, run }: Compared): number {
  return bare.seconds / run.seconds;
}

function speed({ bare, run }: Compared): string {
  return `${perSecond(bare.records, run.seconds)} of ${perSecond(bare.records, bare.seconds)}`;
}

async function measureRound(ground: Ground, stand: Stand, sync: string, records: number): Promise<Measured> {
  await stand.set({ forgetsPages: true });
  const [worker = 0] = stand.workerPids;
  // Makes the pages, too.
  await bareLoop(stand.url, records, CONCURRENCY, sync);
  const look = () => ({ worker: cpuSeconds(worker), threads: cpuSecondsByPart(worker), temporal: cpuSeconds(ground.temporalPid) });
  const before = look();
  const both = await compared(stand, sync, records, 0);
  const [after, api] = [look(), both.apiCpuSeconds];
  const bare = meanOf(both.bare, await bareLoop(stand.url, records, CONCURRENCY, sync));
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
