import { setTimeout as sleep } from 'node:timers/promises';
import { bareLoop } from './bare-loop.ts';
import { SHARERS, shareOfLimit } from './limits.ts';
import { Stand } from './stand.ts';

/** One line of the table. */
export interface Figure {
  readonly what: string;
  readonly measured: string;
  readonly bound: string;
  readonly isMet: boolean;
}

export interface Scale {
  readonly isQuick: boolean;
  /** Records of the usual figure. */
  readonly records: number;
}

export interface Bench {
  readonly name: string;
  readonly measure: (scale: Scale) => Promise<readonly Figure[]>;
}

const CONCURRENCY = 8;
const rate = (records: number, seconds: number) => `${Math.round(records / seconds).toLocaleString('en-US')}/s`;
const round = (value: number) => value.toFixed(2);

function atLeast(what: string, value: number, bound: number, detail: string): Figure {
  return { what, measured: `${round(value)}  ${detail}`, bound: `at least ${bound}`, isMet: value >= bound };
}

function atMost(what: string, value: number, bound: number, detail: string): Figure {
  return { what, measured: `${round(value)}  ${detail}`, bound: `at most ${bound}`, isMet: value <= bound };
}

async function withStand<Result>(records: number, work: (stand: Stand) => Promise<Result>): Promise<Result> {
  const stand = await Stand.build(records);
  try {
    return await work(stand);
  } finally {
    await stand.stop();
  }
}

export const benches: readonly Bench[] = [
  {
    name: 'latency',
    measure: ({ records }) =>
      withStand(records, async (stand) => {
        await stand.set({ latencyMs: 20 });
        const bare = await bareLoop(stand.url, CONCURRENCY);
        await stand.set({ latencyMs: 20 });
        const first = await stand.run();
        await stand.set({ latencyMs: 20 });
        const second = await stand.run();
        const reading = (records / 100) * 0.02;
        const events = Math.round((first.historyEvents * 100_000) / Math.max(records, 20_000));
        return [
          atLeast('20 ms latency, of the bare loop', bare.seconds / first.seconds, 0.85, `${rate(records, first.seconds)} of ${rate(records, bare.seconds)}`),
          atMost('events of history per 100,000 records', events, 400, `${first.historyEvents} in the run`),
          atMost('nothing changed: writes', second.stats.writes, 0, `${second.stats.reads} reads`),
          atMost(
            'nothing changed: of the bare reading time',
            second.seconds / (bare.seconds > reading ? Math.max(reading, bare.seconds * 0.95) : reading),
            1.1,
            `${round(second.seconds)} s`,
          ),
        ];
      }),
  },
  {
    name: 'cpu',
    measure: ({ records }) =>
      withStand(records, async (stand) => {
        await stand.set({});
        await bareLoop(stand.url, CONCURRENCY);
        await stand.set({});
        const bare = await bareLoop(stand.url, CONCURRENCY);
        await stand.set({});
        const apiBefore = (await stand.stats()).cpuMicros;
        const run = await stand.run();
        const apiCpu = (run.stats.cpuMicros - apiBefore) / records;
        return [
          atLeast('no latency, of the bare loop', bare.seconds / run.seconds, 0.2, `${rate(records, run.seconds)} of ${rate(records, bare.seconds)}`),
          {
            what: 'CPU a record, in microseconds',
            measured: `worker ${((run.workerCpuSeconds * 1e6) / records).toFixed(0)}  APIs ${apiCpu.toFixed(0)}`,
            bound: 'told',
            isMet: true,
          },
        ];
      }),
  },
  {
    name: 'slices',
    measure: () =>
      withStand(40_000, async (stand) => {
        // The loop has one read beside its 8 writes; 8 slices have 8.
        stand.write('connections/api.yaml', stand.read('connections/api.yaml').replace('limits: { concurrency: 8 }', 'limits: { concurrency: 16 }'));
        await stand.set({ latencyMs: 50 });
        const bare = await bareLoop(stand.url, CONCURRENCY);
        await stand.set({ latencyMs: 50 });
        const run = await stand.run('sliced');
        return [
          atLeast(
            '8 slices at 50 ms, times the unsliced loop',
            bare.seconds / run.seconds,
            4,
            `${rate(stand.records, run.seconds)} of ${rate(stand.records, bare.seconds)}`,
          ),
        ];
      }),
  },
  {
    name: 'errors',
    measure: ({ records }) =>
      withStand(records, async (stand) => {
        await stand.set({ latencyMs: 20 });
        const bare = await stand.run();
        const other = await withStand(records, async (troubled) => {
          await troubled.set({ latencyMs: 20, failPercent: 2 });
          return troubled.run();
        });
        return [atMost('2 % random 500s, times the run without', other.seconds / bare.seconds, 1.5, `${other.stats.failed} failed, ${other.state}`)];
      }),
  },
  {
    name: 'limits',
    measure: ({ isQuick }) =>
      withStand(isQuick ? 15_000 : 100_000, async (stand) => {
        const limited = 'limits: { concurrency: 8, requests: [{ count: 50, per: 1s }] }';
        stand.write('connections/api.yaml', stand.read('connections/api.yaml').replace('limits: { concurrency: 8 }', limited));
        await stand.set({ latencyMs: 5, ratePerSecond: 50, burst: 10 });
        const { stats } = await stand.run();
        const asked = stats.reads + stats.writes + stats.refused;
        const allowed = ((stats.lastAt - stats.firstAt) / 1_000) * 50;
        return [
          atLeast(
            '50 requests/s: share of the allowance used',
            (stats.reads + stats.writes) / allowed,
            0.95,
            `${asked} requests in ${round((stats.lastAt - stats.firstAt) / 1_000)} s`,
          ),
          atMost('50 requests/s: share refused', stats.refused / asked, 0.001, `${stats.refused} of ${asked}`),
        ];
      }),
  },
  {
    name: 'sharing',
    measure: async ({ isQuick }) => {
      const figures: Figure[] = [];
      for (const [name, processes] of Object.entries(SHARERS)) {
        const { used, refused } = await shareOfLimit(processes, isQuick ? 5 : 20);
        figures.push(atLeast(`50 requests/s, ${name}: share used`, used, 0.95, ''), atMost(`50 requests/s, ${name}: share refused`, refused, 0.001, ''));
      }
      return figures;
    },
  },
  {
    name: 'kill',
    measure: ({ isQuick }) =>
      withStand(isQuick ? 20_000 : 100_000, async (stand) => {
        await stand.set({ latencyMs: 20 });
        const running = stand.run();
        while ((await stand.stats()).records < stand.records / 3) await sleep(20);
        const before = await stand.stats();
        const killedAt = await stand.killWorker();
        while ((await stand.stats()).writes === before.writes) await sleep(10);
        const nextWriteAfter = ((await stand.stats()).lastWriteAt - killedAt) / 1_000;
        const { stats, state } = await running;
        return [
          atMost('after SIGKILL: batches sent again', Math.ceil(stats.recordsSentAgain / 100), CONCURRENCY, state),
          atMost('after SIGKILL: pages read again', stats.pagesReadAgain, 3, `of ${stats.reads}`),
          { what: 'after SIGKILL: seconds to the next write', measured: nextWriteAfter.toFixed(1), bound: 'told', isMet: true },
        ];
      }),
  },
  {
    name: 'memory',
    measure: async ({ isQuick }) => {
      const records = isQuick ? 10_000 : 100_000;
      const small = await peakOf(records);
      const large = await peakOf(records * (isQuick ? 5 : 10));
      return [atMost(`peak memory, ${isQuick ? 'five' : 'ten'} times the records`, large / small, 1.3, `${mb(large)} to ${mb(small)}`)];
    },
  },
];

/** Of a worker that has run once before, so that what is loaded once does not count. */
async function peakOf(records: number): Promise<number> {
  return withStand(records, async (stand) => {
    await stand.set({});
    await stand.run();
    stand.takePeakMemory();
    stand.write('syncs/again.yaml', stand.read('syncs/people.yaml').replace('company: company', 'company: company\n  note: { value: again }'));
    await stand.run('again');
    return stand.takePeakMemory();
  });
}

function mb(bytes: number): string {
  return `${Math.round(bytes / 1e6)} MB`;
}
