import { existsSync, readFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { processorTicks } from '../../bench/processes.ts';

/** Of a process that has next to nothing to do. */
const STANDSTILL_MS = 25;
/** Of the time: something that could have run had to wait, or another virtual machine had the processors. */
const WAITED = 0.2;
const STOLEN = 0.05;

export interface MachineWatch {
  /** What kept the processors from the test since the watch began, in words; undefined where they were free. */
  disturbance(): string | undefined;
  /** This process, at a stretch. */
  stoodStill(): boolean;
  stop(): void;
}

/** Looks whether others use the machine. Beside Linux it sees only how long this process stood still. */
export function watchMachine(): MachineWatch {
  const pauses = monitorEventLoopDelay({ resolution: 5 });
  pauses.enable();
  const before = look();
  const stillMs = () => Math.round(pauses.max / 1e6);
  const stoodStill = () => stillMs() >= STANDSTILL_MS;
  const disturbance = (): string | undefined => {
    const after = look();
    const waited = (after.waitedMs - before.waitedMs) / (after.at - before.at);
    const stolen = (after.stolen - before.stolen) / Math.max(1, after.all - before.all);
    if (stolen > STOLEN) return `other machines had the processors for ${percent(stolen)} of the time`;
    if (waited > WAITED) return `somebody waited for a processor for ${percent(waited)} of the time`;
    return stoodStill() ? `it stood still for ${stillMs()} ms` : undefined;
  };
  return { disturbance, stoodStill, stop: () => void pauses.disable() };
}

function look(): { readonly at: number; readonly waitedMs: number; readonly all: number; readonly stolen: number } {
  const ticks = existsSync('/proc/stat') ? processorTicks() : { all: 0, stolen: 0 };
  return { at: performance.now(), waitedMs: waitedMs(), ...ticks };
}

/** Since the machine began, by the kernel's pressure stall information. Not each kernel tells it. */
function waitedMs(): number {
  try {
    return Number(/^some .*total=(\d+)/.exec(readFileSync('/proc/pressure/cpu', 'utf8'))?.[1] ?? 0) / 1_000;
  } catch {
    return 0;
  }
}

const percent = (share: number): string => `${Math.round(share * 100)} %`;
