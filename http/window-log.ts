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

  /** 0 where so many requests may go now, else until enough of the oldest that still count have left the window. */
  waitMs(now: number, count = 1): number {
    this.#forget(now);
    const most = Math.max(0, this.#count - count);
    const blocking = this.#times.length - this.#first <= most ? undefined : this.#times[this.#times.length - 1 - most];
    return blocking === undefined ? 0 : blocking + this.#perMs - now;
  }

  /** How many still count. */
  used(now: number): number {
    this.#forget(now);
    return this.#times.length - this.#first;
  }

  take(now: number, count = 1): void {
    for (let taken = 0; taken < count; taken++) this.#times.push(now);
  }

  /** Takes the last `take` of so many back: its request was never sent. */
  undo(count = 1): void {
    this.#times.length = Math.max(0, this.#times.length - count);
    this.#first = Math.min(this.#first, this.#times.length);
  }

  #forget(now: number): void {
    while (this.#first < this.#times.length && (this.#times[this.#first] ?? now) + this.#perMs <= now) this.#first += 1;
    if (this.#first < 1_000 || this.#first < this.#times.length / 2) return;
    this.#times = this.#times.slice(this.#first);
    this.#first = 0;
  }
}
