import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { TestContext } from 'node:test';

const ATTEMPTS = 6;
/** Of a process that has nothing else to do: others have the machine. */
const STANDSTILL_MS = 25;

class TooSlow extends Error {}

/** How long something took, or how much was done in a time. @throws for `inTime` */
export function fastEnough(holds: boolean, message: string): void {
  if (!holds) throw new TooSlow(message);
}

/**
 * A test of times: one of several attempts must hold, as whoever else uses the machine can only make it slower. What else it finds (`assert`) fails it at once,
 * unless its own process was kept from running meanwhile: then what was due one after another was done together, and the moments say nothing.
 */
export function inTime(check: (context: TestContext) => Promise<void>): (context: TestContext) => Promise<void> {
  return async (context) => {
    for (let attempt = 1; ; attempt++) {
      const pauses = monitorEventLoopDelay({ resolution: 5 });
      pauses.enable();
      try {
        return await check(context);
      } catch (error) {
        const longestMs = Math.round(pauses.max / 1e6);
        if (attempt === ATTEMPTS || !(error instanceof TooSlow || longestMs >= STANDSTILL_MS)) throw error;
        context.diagnostic(`once more, as the machine was busy (${longestMs} ms at a stretch): ${error instanceof Error ? error.message : String(error)}`);
      } finally {
        pauses.disable();
      }
    }
  };
}
