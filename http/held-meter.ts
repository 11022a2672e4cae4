import type { BudgetLease, Meter, MeterAsk } from './shared-budget.ts';

/** Had ahead, at the most: a part of the whole quota. */
const MOST_OF_QUOTA = 0.02;

/** Requests that are counted one by one for the whole account: those that are ours to use. */
export class HeldMeter {
  readonly #meter: Meter;
  #held = 0;
  #retryAt = Number.NEGATIVE_INFINITY;

  constructor(meter: Meter) {
    this.#meter = meter;
  }

  get isQuota(): boolean {
    return this.#meter.kind === 'quota';
  }

  has(count: number): boolean {
    return this.#held >= count;
  }

  /** 0 where there are so many, or where it is time to ask for more. */
  waitMs(now: number, count: number): number {
    return this.has(count) ? 0 : Math.max(0, this.#retryAt - now);
  }

  take(count: number): void {
    this.#held -= count;
  }

  undo(count: number): void {
    this.#held += count;
  }

  /** What it says of itself. What is too much is given back, and no more ours from now on. @param next what the first of those that wait counts as */
  ask(waiting: number, next: number, used: number): MeterAsk {
    const held = this.#held;
    const least = waiting === 0 ? 0 : next;
    const wanted = this.#meter.kind === 'spaced' ? least : this.#ahead(this.#meter.count, Math.max(waiting, least), least, used);
    this.#held = Math.min(held, wanted);
    return { ...this.#meter, held, wanted, least };
  }

  receive(answer: BudgetLease['meters'][number] | undefined, now: number): void {
    this.#held += answer?.granted ?? 0;
    this.#retryAt = answer === undefined || answer.waitMs === 0 ? Number.NEGATIVE_INFINITY : now + answer.waitMs;
  }

  giveBack(): MeterAsk {
    const held = this.#held;
    this.#held = 0;
    return { ...this.#meter, held, wanted: 0 };
  }

  /** What was had too long ago counts as used. */
  forget(): void {
    this.#held = 0;
  }

  /** Enough until the next renewal and some more. */
  #ahead(count: number, waiting: number, least: number, used: number): number {
    return Math.min(Math.max(waiting, used * 2), Math.max(1, least, Math.floor(count * MOST_OF_QUOTA)));
  }
}
