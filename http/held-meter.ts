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

  get held(): number {
    return this.#held;
  }

  get isQuota(): boolean {
    return this.#meter.kind === 'quota';
  }

  /** 0 where there is one, or where it is time to ask for more. */
  waitMs(now: number): number {
    return this.#held > 0 ? 0 : Math.max(0, this.#retryAt - now);
  }

  take(): void {
    this.#held -= 1;
  }

  undo(): void {
    this.#held += 1;
  }

  /** What it says of itself. What is too much is given back, and no more ours from now on. */
  ask(waiting: number, used: number): MeterAsk {
    const held = this.#held;
    const wanted = this.#meter.kind === 'spaced' ? Math.min(1, waiting) : this.#ahead(this.#meter.count, waiting, used);
    this.#held = Math.min(held, wanted);
    return { ...this.#meter, held, wanted };
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
  #ahead(count: number, waiting: number, used: number): number {
    return Math.min(Math.max(waiting, used * 2), Math.max(1, Math.floor(count * MOST_OF_QUOTA)));
  }
}
