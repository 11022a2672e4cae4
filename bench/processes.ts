import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';

/** What Linux knows of a running process; elsewhere there is nothing to read. */
export const canLookAtProcesses = existsSync('/proc/self/task');

const TICKS_PER_SECOND = 100;

/** User and system, of all its threads. */
export function cpuSeconds(pid: number): number {
  return secondsOf(`/proc/${pid}/stat`);
}

/** Since the machine began, in ticks of all of its processors: how long there were, and how long other virtual machines had them. */
export function processorTicks(): { readonly all: number; readonly stolen: number } {
  const [first = ''] = readFileSync('/proc/stat', 'utf8').split('\n');
  const ticks = first.split(/\s+/).slice(1, 9).map(Number);
  return { all: ticks.reduce((sum, each) => sum + each, 0), stolen: ticks[7] ?? 0 };
}

/** The parts of a worker process by the names of its threads. */
export const WORKER_PARTS = ['main thread', 'ledger thread', 'workflow thread', 'Temporal core', 'V8 and libuv'] as const;
export type WorkerPart = (typeof WORKER_PARTS)[number];

export function cpuSecondsByPart(pid: number): Readonly<Record<WorkerPart, number>> {
  const seconds = { 'main thread': 0, 'ledger thread': 0, 'workflow thread': 0, 'Temporal core': 0, 'V8 and libuv': 0 };
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    try {
      seconds[partOf(readFileSync(`/proc/${pid}/task/${thread}/comm`, 'utf8').trim())] += secondsOf(`/proc/${pid}/task/${thread}/stat`);
    } catch {
      // A thread may end while it is looked at.
    }
  }
  return seconds;
}

/** Bytes of memory that a process held at most, since it began or `forgetPeak`. */
export function peakMemory(pid: number): number {
  return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1_024;
}

export function forgetPeak(pid: number): void {
  writeFileSync(`/proc/${pid}/clear_refs`, '5');
}

function partOf(thread: string): WorkerPart {
  if (thread === 'MainThread' || thread === 'node') return 'main thread';
  if (thread === 'ledger' || thread === 'checkpoints') return 'ledger thread';
  if (thread === 'WorkerThread') return 'workflow thread';
  return /^(V8Worker|DelayedTask|SignalInspector|libuv)/.test(thread) ? 'V8 and libuv' : 'Temporal core';
}

function secondsOf(stat: string): number {
  const fields = readFileSync(stat, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}
