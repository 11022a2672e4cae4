import { setTimeout as sleep } from 'node:timers/promises';

/** Between two wakes of one sync: what comes meanwhile needs no signal of its own. */
const PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 30_000;

export interface WakerOptions {
  /** Tells the workflow of the sync that there are events; whatever they are, they are in the ledger. */
  readonly send: (sync: string) => Promise<void>;
  readonly onSent: (sync: string) => void;
  /** It is tried again. */
  readonly onFailed: (sync: string, error: unknown) => void;
  /** @default 200 */
  readonly pauseMs?: number;
}

/** Wakes syncs: never two signals to one at a time, and one for all that came while the last was on its way. What it does not get rid of, the schedule's wake does. */
export class Waker {
  readonly #options: WakerOptions;
  readonly #stopping = new AbortController();
  /** By sync that is being woken: more has come since. */
  readonly #busy = new Map<string, { hasMore: boolean }>();

  constructor(options: WakerOptions) {
    this.#options = options;
  }

  wake(sync: string): void {
    const busy = this.#busy.get(sync);
    if (busy !== undefined) {
      busy.hasMore = true;
      return;
    }
    void this.#work(sync);
  }

  /** What is on its way is given up. */
  stop(): void {
    this.#stopping.abort();
  }

  async #work(sync: string): Promise<void> {
    const state = { hasMore: true };
    this.#busy.set(sync, state);
    let failures = 0;
    while (state.hasMore && !this.#stopping.signal.aborted) {
      state.hasMore = false;
      try {
        await this.#options.send(sync);
        failures = 0;
        this.#options.onSent(sync);
      } catch (error) {
        failures += 1;
        state.hasMore = true;
        this.#options.onFailed(sync, error);
      }
      const pauseMs = Math.min((this.#options.pauseMs ?? PAUSE_MS) * 2 ** Math.min(failures, 20), LONGEST_PAUSE_MS);
      await sleep(pauseMs, undefined, { signal: this.#stopping.signal, ref: false }).catch(() => undefined);
    }
    this.#busy.delete(sync);
  }
}
