import { Pacer } from './pacer.ts';

/** Who wants requests: a sync. */
export interface Party {
  readonly name: string;
  /** Above 0. Twice the weight: twice the requests, where there is not enough for all. */
  readonly weight: number;
}

/** What one party may do beside the limits of the account. */
export interface PartyPace {
  readonly requestsPerSecond?: number | undefined;
  readonly concurrency?: number | undefined;
}

/** Requests of one party that wait, and its account with the others. */
export class Line<Waiter> {
  /** Of its party; it may change with a new definition. */
  weight: number;
  readonly waiting: Waiter[] = [];
  inFlight = 0;
  pacer: Pacer | undefined;
  concurrency: number | undefined;
  /** What it has had, in requests by weight. */
  had = 0;
  usedAt = Number.NEGATIVE_INFINITY;

  constructor(weight: number) {
    this.weight = weight;
  }

  get hasPlace(): boolean {
    return this.inFlight < (this.concurrency ?? Number.POSITIVE_INFINITY);
  }

  setPace({ requestsPerSecond, concurrency }: PartyPace): boolean {
    const intervalMs = requestsPerSecond === undefined ? undefined : 1_000 / requestsPerSecond;
    if (intervalMs === this.pacer?.intervalMs && concurrency === this.concurrency) return false;
    if (intervalMs !== this.pacer?.intervalMs) this.pacer = intervalMs === undefined ? undefined : new Pacer(intervalMs);
    this.concurrency = concurrency;
    return true;
  }
}

/** Whose turn it is: parties by weight (start-time fair queueing), the requests of one party in the order of asking. */
export class FairQueue<Waiter> {
  readonly #lines = new Map<string, Line<Waiter>>();
  /** What the one served last had had: who comes anew begins there, and has nothing saved up. */
  #served = 0;

  line(party: Party): Line<Waiter> {
    const line = this.#lines.get(party.name) ?? new Line<Waiter>(party.weight);
    line.weight = party.weight;
    this.#lines.set(party.name, line);
    return line;
  }

  get size(): number {
    let size = 0;
    for (const { waiting } of this.#lines.values()) size += waiting.length;
    return size;
  }

  get isEmpty(): boolean {
    for (const { waiting } of this.#lines.values()) if (waiting.length > 0) return false;
    return true;
  }

  /** The most that any party was given to have in flight, if one was. */
  get tunedConcurrency(): number | undefined {
    const tuned = [...this.#lines.values()].flatMap(({ concurrency }) => (concurrency === undefined ? [] : [concurrency]));
    return tuned.length === 0 ? undefined : Math.max(...tuned);
  }

  /** Of all who want requests now, or have wanted some since. */
  weightSince(since: number): number {
    let weight = 0;
    for (const line of this.#lines.values()) if (line.waiting.length > 0 || line.usedAt >= since) weight += line.weight;
    return weight;
  }

  /** The line that is next, or how long until one is by its own pace: infinite where a request must end first. */
  next(now: number): { readonly line: Line<Waiter> | undefined; readonly waitMs: number } {
    let next: Line<Waiter> | undefined;
    let waitMs = Number.POSITIVE_INFINITY;
    for (const line of this.#lines.values()) {
      if (line.waiting.length === 0 || !line.hasPlace) continue;
      const ownMs = line.pacer?.waitMs(now) ?? 0;
      if (ownMs > 0) waitMs = Math.min(waitMs, ownMs);
      else if (next === undefined || this.#startOf(line) < this.#startOf(next)) next = line;
    }
    return { line: next, waitMs: next === undefined ? waitMs : 0 };
  }

  /** Takes the first of the line, and books a request to it. */
  serve(line: Line<Waiter>, now: number): Waiter | undefined {
    this.#served = this.#startOf(line);
    line.had = this.#served + 1 / line.weight;
    line.usedAt = now;
    return line.waiting.shift();
  }

  drain(): readonly Waiter[] {
    return [...this.#lines.values()].flatMap(({ waiting }) => waiting.splice(0));
  }

  #startOf(line: Line<Waiter>): number {
    return Math.max(this.#served, line.had);
  }
}
