import { condition, setHandler } from '@temporalio/workflow';
import { pauseSignal, resumeSignal } from './messages.ts';

/** Waits between runs, of which nobody needs to be told: there is none. @returns false where the execution must be left before the pause has ended */
export async function untilResumed(mustLeave: () => boolean): Promise<boolean> {
  let paused = true;
  setHandler(pauseSignal, () => {
    paused = true;
  });
  setHandler(resumeSignal, () => {
    paused = false;
  });
  await condition(() => !paused || mustLeave());
  return !paused;
}
