import { bareLoop, type LoopResult } from '../bare-loop.ts';
import type { Ground } from '../ground.ts';
import { cpuSeconds } from '../processes.ts';
import { CONCURRENCY, checkWhole, type Scale } from '../scale.ts';
import type { MeasuredRun, Stand } from '../stand.ts';

export const LATENCY_MS = 20;

export interface Compared {
  readonly bare: LoopResult;
  readonly run: MeasuredRun;
  /** Of the APIs, for the run alone. */
  readonly apiCpuSeconds: number;
}

const cleanRuns = new WeakMap<Ground, Promise<MeasuredRun>>();

export function recordsAt20Ms({ isQuick }: Scale): number {
  return isQuick ? 20_000 : 100_000;
}

/** A first run of all at 20 ms with no trouble: measured once, where several figures compare with it. */
export function cleanRun(ground: Ground, records: number): Promise<MeasuredRun> {
  const known = cleanRuns.get(ground);
  if (known !== undefined) return known;
  const measured = ground.withStand({ syncs: [{ name: 'people', records }] }, (stand) => firstRun(stand, 'people', records, LATENCY_MS));
  return noteCleanRun(ground, measured);
}

export function noteCleanRun(ground: Ground, measured: Promise<MeasuredRun>): Promise<MeasuredRun> {
  cleanRuns.set(ground, measured);
  return measured;
}

/** The loop, then the first run of a sync. */
export async function compared(stand: Stand, sync: string, records: number, latencyMs: number): Promise<Compared> {
  await stand.set({ latencyMs });
  const bare = await bareLoop(stand.url, records, CONCURRENCY, sync);
  const before = cpuSeconds(stand.apiPid);
  const run = await firstRun(stand, sync, records, latencyMs);
  return { bare, run, apiCpuSeconds: cpuSeconds(stand.apiPid) - before };
}

export async function firstRun(stand: Stand, sync: string, records: number, latencyMs: number): Promise<MeasuredRun> {
  await stand.set({ latencyMs });
  const run = await stand.run(sync);
  checkWhole(run.stats.records, records);
  return run;
}
