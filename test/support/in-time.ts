import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { watchMachine } from './machine.ts';

const ATTEMPTS = 6;
/** Of a machine that others use: less than a test may take. */
const PATIENCE_MS = 420_000;
const PAUSE_MS = 10_000;

class TooSlow extends Error {}

/** How long something took, or how much was done in a time. @throws for `inTime` */
export function fastEnough(holds: boolean, message: string): void {
  if (!holds) throw new TooSlow(message);
}

/**
 * A test of times: one of several attempts must hold, as whoever else uses the machine can only make it slower. While others have the processors it goes on being
 * tried, for some minutes. What it finds otherwise (`assert`) fails it at once, unless its own process stood still meanwhile: then what was due one after another was
 * done together. `npm test` runs these files while no other test has the processors.
 */
export function inTime(check: (context: TestContext) => Promise<void>): (context: TestContext) => Promise<void> {
  return async (context) => {
    const patientUntil = Date.now() + PATIENCE_MS;
    for (let attempt = 1; ; attempt++) {
      const machine = watchMachine();
      try {
        return await check(context);
      } catch (error) {
        if (!(error instanceof TooSlow) && !machine.stoodStill()) throw error;
        const disturbance = machine.disturbance();
        if (attempt >= ATTEMPTS && (disturbance === undefined || Date.now() > patientUntil)) throw error;
        context.diagnostic(`once more: ${error instanceof Error ? error.message : String(error)}${disturbance === undefined ? '' : `, while ${disturbance}`}`);
        if (attempt >= ATTEMPTS) await sleep(PAUSE_MS);
      } finally {
        machine.stop();
      }
    }
  };
}
