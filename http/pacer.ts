/** A timer that fires late gives back no more than this, so that a pause never turns into a burst. */
const SLACK_MS = 25;

/** Spaces requests evenly (GCRA without a burst): one each interval, from the first one on. */
export class Pacer {
  readonly intervalMs: number;
  #nextAt = 0;

  constructor(intervalMs: number) {
    this.intervalMs = intervalMs;
  }

  waitMs(now: number): number {
    return Math.max(0, Math.ceil(this.#nextAt - now));
  }

  take(now: number): void {
    this.#nextAt = Math.max(this.#nextAt, now - Math.min(SLACK_MS, this.intervalMs)) + this.intervalMs;
  }
}
