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
 * nothing but a rest in the bucket. Unlimited until the first answer. Other processes' requests show in the answers to ours; what is there is divided with them, as they would all
 * take it at once.
 */
export class CostBucket {
  #known: (CostFacts & { readonly at: number }) | undefined;
  #available = 0;
  #costs: number[] = [];
  #taken: { readonly at: number; readonly cost: number }[] = [];
  #share = 1;

  /** Requests a second that the points which come back are enough for, for all together; undefined where that is not known. */
  get perSecond(): number | undefined {
    const { restoreRate = 0 } = this.#known ?? {};
    const cost = this.#meanCost;
    return restoreRate > 0 && cost > 0 ? restoreRate / cost : undefined;
  }

  /** Only a fraction of what is there is ours; nothing comes back to us while it is none. */
  setShare(share: number, now: number): void {
    if (this.#known !== undefined) this.#move(now, this.#known, 0);
    this.#available *= this.#share > 0 ? share / this.#share : 0;
    this.#share = share;
  }

  /** @param at the time of the clock that requests are taken by */
  learn(facts: CostFacts, { sentAt, now }: { readonly sentAt: number; readonly now: number }): void {
    this.#costs = [...this.#costs, Math.min(facts.requested, facts.maximum ?? Number.POSITIVE_INFINITY)].slice(-RECENT);
    // Those that left after it are not in its figures yet.
    this.#taken = this.#taken.filter(({ at }) => at > sentAt);
    const uncounted = this.#taken.reduce((sum, { cost }) => sum + cost, 0);
    this.#known = { ...facts, at: now };
    this.#available = Math.max(0, facts.available * this.#share - uncounted);
  }

  waitMs(now: number): number {
    if (this.#known === undefined) return 0;
    const { restoreRate, maximum = Number.POSITIVE_INFINITY } = this.#known;
    // What is dearer than our part of the bucket waits until that is full.
    const missing = Math.min(Math.max(...this.#costs), maximum * this.#share) - this.#availableAt(now, this.#known);
    if (missing <= 0) return 0;
    // One that never fills again is asked what it has now.
    return restoreRate > 0 && this.#share > 0 ? (missing * 1_000) / (restoreRate * this.#share) : 0;
  }

  take(now: number): void {
    if (this.#known === undefined) return;
    const cost = this.#meanCost;
    this.#taken.push({ at: now, cost });
    this.#move(now, this.#known, -cost);
  }

  /** Takes the last `take` back: its request was never sent. */
  undo(): void {
    const last = this.#taken.pop();
    if (last !== undefined) this.#available += last.cost;
  }

  get #meanCost(): number {
    return this.#costs.reduce((sum, each) => sum + each, 0) / Math.max(1, this.#costs.length);
  }

  #move(now: number, known: CostFacts & { readonly at: number }, points: number): void {
    this.#available = Math.max(0, this.#availableAt(now, known) + points);
    this.#known = { ...known, at: now };
  }

  #availableAt(now: number, { at, restoreRate, maximum = Number.POSITIVE_INFINITY }: CostFacts & { readonly at: number }): number {
    return Math.min(maximum * this.#share, this.#available + ((now - at) * restoreRate * this.#share) / 1_000);
  }
}
