import { setTimeout as sleep } from 'node:timers/promises';
import type { Permit } from '../ports.ts';

/** Statements of one database that may run at once, in the order of their asking. */
export class Places {
  readonly #waiting: (() => void)[] = [];
  #most: number;
  #taken = 0;
  #gapMs = 0;
  #nextAt = 0;

  constructor(most: number) {
    this.#most = most;
  }

  /** While running: how many at once, and how many in a second. */
  setPace(pace: { readonly requestsPerSecond?: number; readonly concurrency?: number }): void {
    if (pace.concurrency !== undefined) this.#most = pace.concurrency;
    if (pace.requestsPerSecond !== undefined) this.#gapMs = pace.requestsPerSecond > 0 ? 1_000 / pace.requestsPerSecond : 0;
    this.#letIn();
  }

  /** Waits for a place. @throws the reason of the signal */
  async take(signal?: AbortSignal): Promise<Permit> {
    signal?.throwIfAborted();
    if (this.#taken < this.#most && this.#waiting.length === 0) this.#taken += 1;
    else await this.#wait(signal);
    let isReleased = false;
    const release = () => {
      if (isReleased) return;
      isReleased = true;
      this.#taken -= 1;
      this.#letIn();
    };
    try {
      await this.#keepPace(signal);
    } catch (error) {
      release();
      throw error;
    }
    return { release };
  }

  #wait(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const enter = () => {
        signal?.removeEventListener('abort', leave);
        resolve();
      };
      const leave = () => {
        this.#waiting.splice(this.#waiting.indexOf(enter), 1);
        reject(signal?.reason);
      };
      signal?.addEventListener('abort', leave, { once: true });
      this.#waiting.push(enter);
    });
  }

  async #keepPace(signal: AbortSignal | undefined): Promise<void> {
    const now = Date.now();
    const at = Math.max(now, this.#nextAt);
    this.#nextAt = at + this.#gapMs;
    if (at > now) await sleep(at - now, undefined, signal === undefined ? {} : { signal });
  }

  #letIn(): void {
    while (this.#taken < this.#most) {
      const enter = this.#waiting.shift();
      if (enter === undefined) return;
      this.#taken += 1;
      enter();
    }
  }
}
