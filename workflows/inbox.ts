import { setHandler, workflowInfo } from '@temporalio/workflow';
import { wakeSignal } from './messages.ts';

const WAKES_PER_EXECUTION = 500;

/** Whether anybody has asked to look at open events since the last look. */
export class Inbox {
  #hasWake = false;
  #wakes = 0;
  readonly #most: number;

  /** @param most signals that are heard before it is full */
  constructor(most = WAKES_PER_EXECUTION) {
    this.#most = most;
    setHandler(wakeSignal, () => {
      this.#hasWake = true;
      this.#wakes += 1;
    });
  }

  get hasWake(): boolean {
    return this.#hasWake;
  }

  /** The server takes so many signals for an execution, and no more: not even the one that ends a pause. */
  get isFull(): boolean {
    return this.#wakes >= this.#most || workflowInfo().continueAsNewSuggested;
  }

  /** Before a look: what is asked from here on wants another one. */
  empty(): void {
    this.#hasWake = false;
  }
}
