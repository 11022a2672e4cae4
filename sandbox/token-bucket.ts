/** A small burst is let through, as real limits do. */
const SMALLEST_BURST = 3;

/** A rate limit that refuses, in the manner of the services it stands for. */
export class TokenBucket {
  #tokens = SMALLEST_BURST;
  #atMs: number | undefined;

  /** @param rate requests a second. @returns false where the request is one too many */
  take(rate: number, nowMs: number): boolean {
    const elapsedMs = this.#atMs === undefined ? 0 : nowMs - this.#atMs;
    this.#tokens = Math.min(Math.max(SMALLEST_BURST, rate / 10), this.#tokens + (elapsedMs / 1000) * rate);
    this.#atMs = nowMs;
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}
