import type { WindowUse } from './window-use.ts';

/** What an answer says of a quota of requests: of all who use the account. */
export interface QuotaFacts {
  /** Less than nothing where an API lets some more go. */
  readonly left: number;
  /** Requests allowed, where it says so. */
  readonly count?: number | undefined;
  readonly perMs: number;
}

/** A quota that is spent is looked at so often in its time: it may move on with each hour, or end at midnight. */
const LOOKS = 96;
/** The last requests go one by one: the answer to one tells whether there is another, and where none comes it is looked for after so long. */
const ANSWERED_MS = 1_000;

/** How long nobody asks when nothing is left. */
export function spentPauseMs({ perMs }: QuotaFacts): number {
  return Math.max(1_000, perMs / LOOKS);
}

/** The quota of an account, as answers tell it. Unlimited until the first answer; other processes' requests show in the answers to ours. */
export class ToldQuota {
  #told: QuotaFacts | undefined;
  #lookAt = Number.NEGATIVE_INFINITY;
  #taken: number[] = [];

  /** @param sentAt by the clock that requests are taken by */
  learn(facts: QuotaFacts, sentAt: number): void {
    this.#told = facts;
    // Those that left after it are not in its figures yet.
    this.#taken = this.#taken.filter((at) => at > sentAt);
  }

  get use(): WindowUse | undefined {
    if (this.#told?.count === undefined) return undefined;
    const { count, left, perMs } = this.#told;
    return { count, perMs, used: count - left, isOfAll: true };
  }

  /** Where nothing is left the limiter pauses; afterwards one request looks whether there is something again. */
  waitMs(now: number): number {
    if (this.#told === undefined || this.#told.left - this.#taken.length > 0) return 0;
    return this.#taken.length === 0 ? 0 : Math.max(0, this.#lookAt - now);
  }

  take(now: number): void {
    this.#taken.push(now);
    this.#lookAt = now + ANSWERED_MS;
  }

  /** Takes the last `take` back: its request was never sent. */
  undo(): void {
    this.#taken.pop();
  }
}
