/** A small burst is let through, as real limits do. */
const BURST = 3;

/** A rate limit that refuses, in the manner of the services it stands for. */
export class TokenBucket {
  #tokens = BURST;
  #at = 0;

  /** @param rate requests a second */
  take(rate: number, now: number): boolean {
    if (this.#at > 0) this.#tokens = Math.min(Math.max(BURST, rate / 10), this.#tokens + ((now - this.#at) / 1000) * rate);
    this.#at = now;
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}
