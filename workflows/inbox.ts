import { setHandler } from '@temporalio/workflow';
import { wakeSignal } from './messages.ts';

/** Whether anybody has asked to look at open events since the last look. */
export class Inbox {
  #hasWake = false;

  constructor() {
    setHandler(wakeSignal, () => {
      this.#hasWake = true;
    });
  }

  get hasWake(): boolean {
    return this.#hasWake;
  }

  /** Before a look: what is asked from here on wants another one. */
  empty(): void {
    this.#hasWake = false;
  }
}
