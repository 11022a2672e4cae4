/** A timer that fires late gives back no more than this, so that a pause never turns into a burst. */
const SLACK_MS = 25;
/** Nor more than so many requests at once, or where they are closer than timers can be, what comes in this time. */
const SLACK_REQUESTS = 4;
const LEAST_SLACK_MS = 4;

/** Spaces requests evenly (the generic cell rate algorithm, with a slack that only makes up for late timers): one each interval, from the first one on. */
export class Pacer {
  #intervalMs: number;
  #nextAt = Number.NEGATIVE_INFINITY;
  #before = Number.NEGATIVE_INFINITY;

  constructor(intervalMs: number) {
    this.#intervalMs = intervalMs;
  }

  get intervalMs(): number {
    return this.#intervalMs;
  }

  waitMs(now: number): number {
    return Math.max(0, this.#nextAt - now);
  }

  /** @param count requests that go as one: who comes next waits for all of them */
  take(now: number, count = 1): void {
    this.#before = this.#nextAt;
    const slackMs = Math.min(SLACK_MS, Math.max(LEAST_SLACK_MS, this.#intervalMs * SLACK_REQUESTS));
    this.#nextAt = Math.max(this.#nextAt, now - slackMs) + this.#intervalMs * count;
  }

  /** Takes the last `take` back: its request was never sent. */
  undo(): void {
    this.#nextAt = this.#before;
  }

  /** Another pace from now on; who waits already waits as much shorter or longer. */
  setInterval(intervalMs: number, now: number): void {
    const ratio = intervalMs / this.#intervalMs;
    this.#intervalMs = intervalMs;
    if (this.#nextAt > now) this.#nextAt = now + (this.#nextAt - now) * ratio;
    if (this.#before > now) this.#before = now + (this.#before - now) * ratio;
  }
}
