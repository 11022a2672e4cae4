/** What an answer says of an API that counts points: a bucket that is refilled evenly, and from which each request takes what it costs. */
export interface CostFacts {
  /** Points that were left. */
  readonly available: number;
  /** Points a second that come back. */
  readonly restoreRate: number;
  /** Points that had to be there for its request. */
  readonly requested: number;
  /** The most there can be. */
  readonly maximum?: number | undefined;
}

/** Of so many answers the dearest tells what the next request may need. */
const RECENT = 20;
/** Others empty the same bucket: no request is tried again sooner. */
const SHORTEST_WAIT_MS = 100;

/** How long it takes until as many points are there as a refused request needs. */
export function costWaitMs({ available, restoreRate, requested, maximum = Number.POSITIVE_INFINITY }: CostFacts): number {
  const missing = Math.min(requested, maximum) - available;
  return Math.max(SHORTEST_WAIT_MS, restoreRate > 0 ? Math.ceil((missing * 1_000) / restoreRate) : 0);
}

/**
 * The points of an account, as answers tell them. Nobody goes before there are as many as the dearest request of late needed: what it then costs less comes back, so that costs
 * nothing but a rest in the bucket. Unlimited until the first answer. Other processes' requests show in the answers to ours.
 */
export class CostBucket {
  #known: (CostFacts & { readonly at: number }) | undefined;
  #available = 0;
  #costs: number[] = [];
  #taken: { readonly at: number; readonly cost: number }[] = [];

  /** @param at the time of the clock that requests are taken by */
  learn(facts: CostFacts, { sentAt, now }: { readonly sentAt: number; readonly now: number }): void {
    this.#costs = [...this.#costs, Math.min(facts.requested, facts.maximum ?? Number.POSITIVE_INFINITY)].slice(-RECENT);
    // Those that left after it are not in its figures yet.
    this.#taken = this.#taken.filter(({ at }) => at > sentAt);
    const uncounted = this.#taken.reduce((sum, { cost }) => sum + cost, 0);
    this.#known = { ...facts, at: now };
    this.#available = Math.max(0, facts.available - uncounted);
  }

  waitMs(now: number): number {
    if (this.#known === undefined) return 0;
    const missing = Math.max(...this.#costs) - this.#availableAt(now, this.#known);
    if (missing <= 0) return 0;
    // One that never fills again is asked what it has now.
    return this.#known.restoreRate > 0 ? (missing * 1_000) / this.#known.restoreRate : 0;
  }

  take(now: number): void {
    if (this.#known === undefined) return;
    const cost = this.#costs.reduce((sum, each) => sum + each, 0) / this.#costs.length;
    this.#taken.push({ at: now, cost });
    this.#move(now, this.#known, -cost);
  }

  /** Takes the last `take` back: its request was never sent. */
  undo(): void {
    const last = this.#taken.pop();
    if (last !== undefined) this.#available += last.cost;
  }

  #move(now: number, known: CostFacts & { readonly at: number }, points: number): void {
    this.#available = Math.max(0, this.#availableAt(now, known) + points);
    this.#known = { ...known, at: now };
  }

  #availableAt(now: number, { at, restoreRate, maximum = Number.POSITIVE_INFINITY }: CostFacts & { readonly at: number }): number {
    return Math.min(maximum, this.#available + ((now - at) * restoreRate) / 1_000);
  }
}
