import { SyncError } from '../engine/errors.ts';
import type { HeldMeter } from './held-meter.ts';
import type { BudgetLease, PauseReason, SharedBudget } from './shared-budget.ts';

/** What is had is had for so long: the most that a process takes with it when it dies. */
const LEASE_MS = 2_000;
const RENEW_MS = 250;
/** Where nothing is declared, only pauses are told: nobody waits for that. */
const LISTEN_MS = 500;
/** Who has nothing asks sooner: the others let go of it when they renew. So does who has too much. */
const POLL_MS = 75;
/** Without a request for so long, everything is given back. */
const IDLE_MS = 600;
/** Less is as good as nothing. */
const LEAST_SHARE = 0.005;
/** More than was used, so that it can become more. */
const GROWTH = 1.1;
const LEAST_DEMAND = 0.01;
/** Who has used less of its part is not short of it, though a request waited until it was due: the rest is for those who can use it. */
const MOST = 0.75;
/** Of the most that was used of late, from one renewal to the next: requests seldom come evenly. */
const REMEMBERED = 0.8;
/** A pause that ends so little later than the one told is not told again. */
const TOLD_MS = 100;

/** What the limiter uses and wants at the moment. */
export interface Usage {
  /** Of the parties that want requests, or wanted some since the time given. */
  readonly weight: number;
  /** Requests that wait. */
  readonly waiting: number;
  /** What the first of them counts as. @default 1 */
  readonly next?: number;
  readonly inFlight: number;
}

/** What is limited for all together; undefined where nothing is declared. */
export interface AccountLimits {
  readonly perSecond: number | undefined;
  readonly places: number | undefined;
  readonly meters: readonly HeldMeter[];
}

export interface LeaseOptions {
  readonly budget: SharedBudget;
  readonly account: string;
  readonly holder: string;
}

/** Who divides what is had. */
export interface LeaseUser {
  usage(since: number): Usage;
  onLease(lease: BudgetLease): void;
  /** The store does not answer, and requests wait that may not go without it. */
  onFailure(error: SyncError): void;
  /** The store does not answer, and nothing is declared: nobody waits for it any more. */
  onSilence(): void;
}

/**
 * One client's part of the limits of its account: asked for when requests come, renewed while they do, given back when none come any more. Between two renewals nothing is asked:
 * what is had is divided by the limiter alone. Times are those of a clock that never jumps.
 */
export class AccountLease {
  readonly #options: LeaseOptions;
  readonly #user: LeaseUser;
  readonly #now: () => number;
  #limits: AccountLimits = { perSecond: undefined, places: undefined, meters: [] };
  #lease: BudgetLease | undefined;
  #until = Number.NEGATIVE_INFINITY;
  #failure: SyncError | undefined;
  #asking: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #askedAt = 0;
  /** Since then. */
  #used = 0;
  #wasShort = true;
  #usedPerSecond = 0;
  #usedAt = Number.NEGATIVE_INFINITY;
  #toldUntil = Number.NEGATIVE_INFINITY;
  #isClosed = false;

  constructor(options: LeaseOptions, user: LeaseUser, now: () => number) {
    this.#options = options;
    this.#user = user;
    this.#now = now;
  }

  setLimits(limits: AccountLimits): void {
    this.#limits = limits;
  }

  /** 0 where a request that counts as so many may go now; infinite while more is asked for: the user is told when it is there. */
  waitMs(now: number, count: number): number {
    this.#usedAt = now;
    if (!this.#isBinding) {
      if (this.#timer === undefined) this.#ask();
      return this.#lease === undefined && this.#failure === undefined ? Number.POSITIVE_INFINITY : 0;
    }
    if (now >= this.#until) return this.#ask();
    const waitMs = this.spent(now, count).waitMs;
    if (waitMs > 0) return waitMs;
    if (this.#limits.meters.some((meter) => !meter.has(count))) return this.#ask();
    return this.#isStarved ? Number.POSITIVE_INFINITY : 0;
  }

  /** How long the longest of those meters that have too little left has no more, and whether it is a quota. */
  spent(now: number, count: number): { readonly waitMs: number; readonly isQuota: boolean } {
    let longest = { waitMs: 0, isQuota: false };
    for (const meter of this.#limits.meters) {
      const waitMs = meter.waitMs(now, count);
      if (waitMs > longest.waitMs) longest = { waitMs, isQuota: meter.isQuota };
    }
    return longest;
  }

  /** A request takes its part of what is had. */
  take(count: number): void {
    this.#used += count;
    for (const meter of this.#limits.meters) meter.take(count);
  }

  /** The last request was never sent. */
  undo(count: number): void {
    this.#used -= count;
    for (const meter of this.#limits.meters) meter.undo(count);
  }

  /** Requests wait for the pace: more could be used. */
  noteShort(): void {
    this.#wasShort = true;
  }

  /** Tells the others until when to wait. Who is not told finds out by itself. */
  tellPause(ms: number, reason: PauseReason): void {
    const untilMs = this.#now() + ms;
    if (untilMs < this.#toldUntil + TOLD_MS) return;
    this.#toldUntil = untilMs;
    this.#options.budget.blockAccount(this.#options.account, { ms, reason }).catch(() => undefined);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    await this.#asking;
    await this.#giveBack();
  }

  /** Nothing goes without it where a limit is declared; else it only tells of pauses. */
  get #isBinding(): boolean {
    const { perSecond, places, meters } = this.#limits;
    return perSecond !== undefined || places !== undefined || meters.length > 0;
  }

  get #isStarved(): boolean {
    const { perSecond, places } = this.#limits;
    return (perSecond !== undefined && (this.#lease?.share ?? 0) < LEAST_SHARE) || (places !== undefined && (this.#lease?.places ?? 0) === 0);
  }

  #ask(): number {
    if (!this.#isClosed) this.#asking ??= this.#renew().finally(() => this.#afterAnswer());
    return Number.POSITIVE_INFINITY;
  }

  async #renew(): Promise<void> {
    const { budget, account, holder } = this.#options;
    const { places, meters } = this.#limits;
    const askedAt = this.#now();
    const { weight, waiting, next = 1, inFlight } = this.#user.usage(this.#askedAt);
    if (askedAt >= this.#until) for (const meter of meters) meter.forget();
    const ask = {
      account,
      holder,
      weight,
      demand: this.#demand(askedAt),
      ...(places === undefined ? {} : { places: { of: places, inFlight, wanted: Math.max(1, inFlight + waiting) } }),
      meters: meters.map((meter) => meter.ask(waiting, next, this.#used)),
      leaseMs: LEASE_MS,
    };
    this.#used = 0;
    this.#wasShort = waiting > 0 && this.#isStarved;
    this.#askedAt = askedAt;
    try {
      const lease = await budget.leaseLimits(ask);
      this.#lease = lease;
      this.#failure = undefined;
      this.#until = askedAt + LEASE_MS;
      for (const [index, meter] of meters.entries()) meter.receive(lease.meters[index], this.#now());
    } catch (error) {
      this.#failure = error instanceof SyncError ? error : unavailable(error);
    }
  }

  #afterAnswer(): void {
    this.#asking = undefined;
    if (this.#isClosed) return;
    if (this.#failure !== undefined && this.#isBinding && this.#now() >= this.#until) this.#user.onFailure(this.#failure);
    else if (this.#lease !== undefined) this.#user.onLease(this.#lease);
    const { waiting, inFlight } = this.#user.usage(this.#askedAt);
    const isOver = this.#limits.places !== undefined && inFlight > (this.#lease?.places ?? 0);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#goOn(), isOver || (waiting > 0 && this.#isStarved) ? POLL_MS : this.#isBinding ? RENEW_MS : LISTEN_MS);
    if (waiting === 0) this.#timer.unref();
    if (this.#failure !== undefined && !this.#isBinding) this.#user.onSilence();
  }

  #goOn(): void {
    this.#timer = undefined;
    const { waiting, inFlight } = this.#user.usage(this.#askedAt);
    if (waiting + inFlight > 0 || this.#now() - this.#usedAt < IDLE_MS) this.#ask();
    else this.#asking ??= this.#giveBack().finally(() => this.#afterGivingBack());
  }

  #afterGivingBack(): void {
    this.#asking = undefined;
    if (this.#user.usage(this.#askedAt).waiting > 0) this.#ask();
  }

  #demand(now: number): number {
    const { perSecond } = this.#limits;
    const seconds = Math.max(RENEW_MS, now - this.#askedAt) / 1_000;
    this.#usedPerSecond = Math.max(this.#used / seconds, this.#usedPerSecond * REMEMBERED);
    if (perSecond === undefined || (this.#wasShort && this.#usedPerSecond >= (this.#lease?.share ?? 0) * perSecond * MOST)) return 1;
    return Math.min(1, LEAST_DEMAND + (this.#usedPerSecond / perSecond) * GROWTH);
  }

  /** What can't be given back ends by itself. */
  async #giveBack(): Promise<void> {
    if (this.#lease === undefined) return;
    const { budget, account, holder } = this.#options;
    const meters = this.#now() < this.#until ? this.#limits.meters.map((meter) => meter.giveBack()) : [];
    this.#lease = undefined;
    this.#until = Number.NEGATIVE_INFINITY;
    this.#wasShort = true;
    await budget.releaseLimits(account, holder, meters).catch(() => undefined);
  }
}

function unavailable(cause: unknown): SyncError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new SyncError({ code: 'STORE_UNAVAILABLE', retry: 'backoff', message: `The limits of an account could not be read from the ledger: ${why}.`, cause });
}
