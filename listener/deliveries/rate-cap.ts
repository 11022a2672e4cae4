/** How many deliveries a connection may send: a bucket that fills up evenly. */
export class RateCap {
  readonly #count: number;
  readonly #perMs: number;
  #left: number;
  #at = Number.NEGATIVE_INFINITY;

  constructor({ count, perMs }: { readonly count: number; readonly perMs: number }) {
    this.#count = count;
    this.#perMs = perMs;
    this.#left = count;
  }

  /** Takes one. @returns milliseconds until there is one again; 0 where there was */
  take(now: number): number {
    this.#left = Math.min(this.#count, this.#left + (Math.max(0, now - this.#at) * this.#count) / this.#perMs);
    this.#at = now;
    if (this.#left < 1) return Math.ceil(((1 - this.#left) * this.#perMs) / this.#count);
    this.#left -= 1;
    return 0;
  }
}
