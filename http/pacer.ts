/** A timer that fires late gives back no more than this, so that a pause never turns into a burst. */
const SLACK_MS = 25;
/** Nor more than so many requests at once. */
const SLACK_REQUESTS = 4;

/** Spaces requests evenly (the generic cell rate algorithm, with a slack that only makes up for late timers): one each interval, from the first one on. */
export class Pacer {
  readonly intervalMs: number;
  readonly #slackMs: number;
  #nextAt = Number.NEGATIVE_INFINITY;
  #before = Number.NEGATIVE_INFINITY;

  constructor(intervalMs: number) {
    this.intervalMs = intervalMs;
    this.#slackMs = Math.min(SLACK_MS, intervalMs * SLACK_REQUESTS);
  }

  waitMs(now: number): number {
    return Math.max(0, this.#nextAt - now);
  }

  take(now: number): void {
    this.#before = this.#nextAt;
    this.#nextAt = Math.max(this.#nextAt, now - this.#slackMs) + this.intervalMs;
  }

  /** Takes the last `take` back: its request was never sent. */
  undo(): void {
    this.#nextAt = this.#before;
  }
}
