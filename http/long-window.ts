const SLICES = 96;

/** Counts requests over a long window (a day's quota), in slices: never more than `count` in any stretch of `perMs`. */
export class LongWindow {
  readonly #count: number;
  readonly #sliceMs: number;
  readonly #taken = new Map<number, number>();

  constructor(count: number, perMs: number) {
    this.#count = count;
    this.#sliceMs = perMs / SLICES;
  }

  /** 0 where a request may go now, else until the oldest slice leaves the window. */
  waitMs(now: number): number {
    this.#forget(now);
    let sum = 0;
    for (const taken of this.#taken.values()) sum += taken;
    if (sum < this.#count) return 0;
    const oldest = Math.min(...this.#taken.keys());
    return Math.max(1, (oldest + SLICES + 1) * this.#sliceMs - now);
  }

  take(now: number): void {
    const slice = Math.floor(now / this.#sliceMs);
    this.#taken.set(slice, (this.#taken.get(slice) ?? 0) + 1);
  }

  #forget(now: number): void {
    const first = Math.floor(now / this.#sliceMs) - SLICES;
    for (const slice of this.#taken.keys()) if (slice < first) this.#taken.delete(slice);
  }
}
