import type { ApiStats } from '../api-settings.ts';
import { atLeast, atMost, type Figure, percent } from '../figure.ts';
import { cpuSeconds } from '../processes.ts';
import type { Stand } from '../stand.ts';

/** How much of what an account allows was used, and how much was refused for being too much. @param bound of the share used */
export function usedAndRefused(
  what: string,
  { perSecond, burst }: { readonly perSecond: number; readonly burst: number },
  bound: number,
  { reads, writes, refused, firstAt, lastAt }: ApiStats,
  detail: string,
): readonly Figure[] {
  const seconds = (lastAt - firstAt) / 1_000;
  const used = (reads + writes) / (seconds * perSecond + burst);
  const asked = reads + writes + refused;
  return [
    atLeast(`${what}: share used`, used, bound, `${reads + writes} in ${seconds.toFixed(1)} s${detail}`),
    atMost(`${what}: share refused`, refused / asked, 0.001, `${refused} of ${asked}`),
  ];
}

export function cpuOfWorkers(stand: Stand): readonly number[] {
  return stand.workerPids.map(cpuSeconds);
}

/** Who did how much of the work, by processor time. */
export function workShares(stand: Stand, before: readonly number[]): string {
  const used = cpuOfWorkers(stand).map((seconds, worker) => seconds - (before[worker] ?? 0));
  const sum = used.reduce((total, seconds) => total + seconds, 0);
  return used.map((seconds) => percent(seconds / sum)).join(' and ');
}
