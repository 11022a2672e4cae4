import { Pacer } from './pacer.ts';

const OBSERVED_MS = 2_000;
const DECREASE = 0.7;
/** Requests a second gained each second without a 429. */
const INCREASE_PER_SECOND = 0.5;
const SLOWEST_PER_SECOND = 0.2;

/** Finds the rate of an API that declares none: unlimited until the first 429, then additive increase, multiplicative decrease. */
export class LearnedPace {
  #perSecond: number | undefined;
  #pacer: Pacer | undefined;
  #answers: number[] = [];
  #changedAt = 0;

  get pacer(): Pacer | undefined {
    return this.#pacer;
  }

  note(isThrottled: boolean, now: number): void {
    this.#answers = [...this.#answers.filter((at) => now - at < OBSERVED_MS), now];
    if (isThrottled) this.#decrease(now);
    else if (this.#perSecond !== undefined && now - this.#changedAt > 1_000) this.#set(this.#perSecond + (INCREASE_PER_SECOND * (now - this.#changedAt)) / 1_000, now);
  }

  /** One burst of 429s is one sign, not many. */
  #decrease(now: number): void {
    if (this.#perSecond !== undefined && now - this.#changedAt < 1_000) return;
    const observed = this.#answers.length / (OBSERVED_MS / 1_000);
    this.#set(Math.max(SLOWEST_PER_SECOND, (this.#perSecond === undefined ? observed : Math.min(observed, this.#perSecond)) * DECREASE), now);
  }

  #set(perSecond: number, now: number): void {
    this.#perSecond = perSecond;
    this.#pacer = new Pacer(1_000 / perSecond);
    this.#pacer.take(now);
    this.#changedAt = now;
  }
}
