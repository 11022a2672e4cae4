import { Pacer } from './pacer.ts';

const OBSERVED_MS = 2_000;
const DECREASE = 0.8;
/** One 429 says little: the pace never falls further than to a part of what it was. */
const MOST_DECREASE = 0.5;
const FIRST_PER_SECOND = 10;
/** Gained each second without a 429: so much of the rate, and at least so many requests a second. */
const INCREASE = 0.05;
const LEAST_INCREASE = 0.5;
const SLOWEST_PER_SECOND = 0.2;
/** 429s within this time are one sign, not many: they answer requests of the same moment. */
const SETTLING_MS = 1_000;

/** Finds the rate of an API that declares none: unlimited until the first 429, then additive increase, multiplicative decrease. */
export class LearnedPace {
  #perSecond: number | undefined;
  #pacer: Pacer | undefined;
  #accepted: number[] = [];
  #changedAt = 0;

  get pacer(): Pacer | undefined {
    return this.#pacer;
  }

  /** Takes one answer into account. */
  note(isThrottled: boolean, now: number): void {
    const isSettled = now - this.#changedAt >= SETTLING_MS;
    if (isThrottled) {
      if (isSettled || this.#perSecond === undefined) this.#decrease(now);
      return;
    }
    this.#accepted.push(now);
    if (this.#accepted.length > 10_000) this.#accepted = this.#recent(now);
    if (this.#perSecond !== undefined && isSettled) {
      const seconds = (now - this.#changedAt) / 1_000;
      this.#set(this.#perSecond + Math.max(LEAST_INCREASE, this.#perSecond * INCREASE) * Math.min(seconds, 2), now);
    }
  }

  /** From what the API did accept of late, not from what was tried. */
  #decrease(now: number): void {
    this.#accepted = this.#recent(now);
    const spanMs = Math.max(250, Math.min(OBSERVED_MS, now - (this.#accepted[0] ?? now)));
    const accepted = (this.#accepted.length * 1_000) / spanMs;
    const least = Math.max(SLOWEST_PER_SECOND, (this.#perSecond ?? FIRST_PER_SECOND) * MOST_DECREASE);
    this.#set(Math.max(least, Math.min(accepted, this.#perSecond ?? accepted) * DECREASE), now);
  }

  #recent(now: number): number[] {
    return this.#accepted.filter((at) => now - at < OBSERVED_MS);
  }

  #set(perSecond: number, now: number): void {
    this.#perSecond = perSecond;
    this.#pacer = new Pacer(1_000 / perSecond);
    this.#pacer.take(now);
    this.#changedAt = now;
  }
}
