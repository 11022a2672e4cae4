import { setImmediate as nextTurn } from 'node:timers/promises';

const LONGEST_MS = 50;

/** Breaks a loop over many records: however long expressions take for each, heartbeats, answers and other runs of the process have their turn. */
export class Turns {
  #since = performance.now();

  /** Undefined while the turn is young: a promise for each record costs more than what is done with it. */
  next(): Promise<void> | undefined {
    return performance.now() - this.#since < LONGEST_MS ? undefined : this.#pass();
  }

  async #pass(): Promise<void> {
    await nextTurn();
    this.#since = performance.now();
  }
}
