import type { TestContext } from 'node:test';

const ATTEMPTS = 4;

class TooSlow extends Error {}

/** How long something took, or how much was done in a time. @throws for `inTime` */
export function fastEnough(holds: boolean, message: string): void {
  if (!holds) throw new TooSlow(message);
}

/** A test that says `fastEnough`: whoever else uses the machine can only make it slower, so one of several attempts must be. All else that it finds fails it at once. */
export function inTime(check: (context: TestContext) => Promise<void>): (context: TestContext) => Promise<void> {
  return async (context) => {
    for (let attempt = 1; ; attempt++) {
      try {
        return await check(context);
      } catch (error) {
        if (!(error instanceof TooSlow) || attempt === ATTEMPTS) throw error;
        context.diagnostic(`once more, it was too slow: ${error.message}`);
      }
    }
  };
}
