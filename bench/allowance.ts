import type { ApiSettings } from './api-settings.ts';

/** What an API still allows: a bucket that fills all the time, and a quota that begins anew with each window. */
export class Allowance {
  readonly #settings: ApiSettings;
  #tokens: number;
  #filledAt = performance.now();
  #windowStartedAt = performance.now();
  #spent = 0;

  constructor(settings: ApiSettings) {
    this.#settings = settings;
    this.#tokens = settings.burst;
  }

  /** Takes one request. @returns milliseconds to wait where there is none left, else 0 */
  take(): number {
    const { ratePerSecond, burst, quota, quotaPerMs } = this.#settings;
    const now = performance.now();
    if (now - this.#windowStartedAt >= quotaPerMs) {
      this.#windowStartedAt = now;
      this.#spent = 0;
    }
    if (quota > 0 && this.#spent >= quota) return this.#windowStartedAt + quotaPerMs - now;
    if (ratePerSecond > 0) {
      this.#tokens = Math.min(burst, this.#tokens + ((now - this.#filledAt) / 1_000) * ratePerSecond);
      this.#filledAt = now;
      if (this.#tokens < 1) return ((1 - this.#tokens) / ratePerSecond) * 1_000;
      this.#tokens -= 1;
    }
    this.#spent += 1;
    return 0;
  }
}
