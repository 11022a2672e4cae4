/** Remembers when requests went, and lets no stretch of `perMs` hold more than `count` of them. Memory: one number for each request of the window. */
export class WindowLog {
  readonly #count: number;
  readonly #perMs: number;
  #times: number[] = [];
  /** Where the times that still count begin. */
  #first = 0;

  constructor(count: number, perMs: number) {
    this.#count = count;
    this.#perMs = perMs;
  }

  /** 0 where a request may go now, else until the oldest that still counts leaves the window. */
  waitMs(now: number): number {
    this.#forget(now);
    const blocking = this.#times.length - this.#first < this.#count ? undefined : this.#times[this.#times.length - this.#count];
    return blocking === undefined ? 0 : blocking + this.#perMs - now;
  }

  /** How many still count. */
  used(now: number): number {
    this.#forget(now);
    return this.#times.length - this.#first;
  }

  take(now: number): void {
    this.#times.push(now);
  }

  /** Takes the last `take` back: its request was never sent. */
  undo(): void {
    this.#times.pop();
  }

  #forget(now: number): void {
    while (this.#first < this.#times.length && (this.#times[this.#first] ?? now) + this.#perMs <= now) this.#first += 1;
    if (this.#first < 1_000 || this.#first < this.#times.length / 2) return;
    this.#times = this.#times.slice(this.#first);
    this.#first = 0;
  }
}
