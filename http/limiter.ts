import type { SyncError } from '../engine/errors.ts';
import { AccountGates, type GateOptions } from './account-gates.ts';
import { AccountLease, type LeaseOptions } from './account-lease.ts';
import type { CostFacts } from './cost-bucket.ts';
import { FairQueue, type Line, type Party, type PartyPace } from './fair-queue.ts';
import type { HttpPermit, WaitReason } from './http-client.ts';
import { DEFAULT_PRIORITY, weightOf } from './priority.ts';
import type { DeclaredWindow } from './rate-window.ts';
import type { BudgetLease, PauseReason } from './shared-budget.ts';
import { type QuotaFacts, spentPauseMs } from './told-quota.ts';
import { type LongWait, tooLong } from './too-long.ts';
import type { WindowUse } from './window-use.ts';

/** Waits are sat out here up to this; longer ones are the caller's, and durable. */
const LONGEST_WAIT_MS = 10_000;
/** A request that goes so soon did not wait. */
const SHORTEST_WAIT_MS = 1;
/** Waits that people are told of. */
const TOLD_WAIT_MS = 1_000;
const NOBODY: Party = { name: '', weight: weightOf(DEFAULT_PRIORITY) };

/** A place among the requests in flight, at its time. */
export interface Place extends HttpPermit {
  /** The request is sent: the place counts against the pace even after it is given back. */
  markUsed(): void;
}

interface Waiter {
  /** What it counts as in the windows. */
  readonly count: number;
  readonly enter: () => void;
  readonly fail: (error: unknown) => void;
  readonly onWait: (ms: number, reason: string) => void;
  toldUntil: number;
}

export interface LimiterOptions extends GateOptions {
  /** Connection name, for messages. */
  readonly name: string;
  readonly concurrency: number;
  /** Whether that many are allowed to all processes together, or are ours alone. @default false */
  readonly isConcurrencyShared?: boolean;
  /** Where the limits are divided with other processes; absent: they are ours alone. */
  readonly shared?: LeaseOptions | undefined;
  /** Told each wait when it is over. */
  readonly onWaited?: ((ms: number, reason: WaitReason) => void) | undefined;
}

/**
 * Lets requests go no faster than every window allows and no more at once than there are places: parties by weight, those of one party in the order of asking. Sleeps exactly until
 * the next may go. Times are those of a clock that never jumps.
 */
export class Limiter {
  readonly #options: LimiterOptions;
  readonly #now: () => number;
  readonly #gates: AccountGates;
  readonly #queue = new FairQueue<Waiter>();
  readonly #lease: AccountLease | undefined;
  #share = 1;
  #places: number;
  #inFlight = 0;
  #pause: { readonly until: number; readonly reason: PauseReason } = { until: Number.NEGATIVE_INFINITY, reason: 'asked' };
  #lastTake: { readonly place: Place; readonly undo: () => void } | undefined;
  #timer: NodeJS.Timeout | undefined;
  #closed: SyncError | undefined;
  /** Why who waits now does. */
  #why: WaitReason = 'pace';

  constructor(options: LimiterOptions, now: () => number = () => performance.now()) {
    this.#options = options;
    this.#now = now;
    this.#gates = new AccountGates(options);
    this.#places = options.concurrency;
    const user = {
      usage: (since: number) => ({
        weight: this.#queue.weightSince(since) || NOBODY.weight,
        waiting: this.#queue.size,
        next: countOf(this.#queue.next(this.#now()).line),
        inFlight: this.#inFlight,
      }),
      onLease: (lease: BudgetLease) => this.#takeOver(lease),
      onFailure: (error: SyncError) => this.#refuse(error),
      onSilence: () => this.#admit(),
    };
    this.#lease = options.shared === undefined ? undefined : new AccountLease(options.shared, user, now);
    this.#setLimits();
  }

  /**
   * @param count what the request counts as in the windows: it goes when there is room for all of it
   * @throws SyncError RATE_LIMITED or QUOTA_SPENT where the wait is too long to sit out, STORE_UNAVAILABLE; the signal's reason when it fires
   */
  acquire(signal: AbortSignal | undefined, onWait: (ms: number, reason: string) => void, party: Party = NOBODY, count = 1): Promise<Place> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted === true) return reject(signal.reason);
      const line = this.#queue.line(party);
      const leave = () => {
        line.waiting.splice(line.waiting.indexOf(waiter), 1);
        reject(signal?.reason);
        this.#admit();
      };
      const askedAt = this.#now();
      const stay = () => signal?.removeEventListener('abort', leave);
      const waiter: Waiter = {
        count,
        onWait,
        toldUntil: Number.NEGATIVE_INFINITY,
        enter: () => {
          stay();
          const waitedMs = this.#now() - askedAt;
          if (waitedMs >= SHORTEST_WAIT_MS) this.#options.onWaited?.(waitedMs, this.#why);
          resolve(this.#place(line, count));
        },
        fail: (error) => {
          stay();
          reject(error);
        },
      };
      signal?.addEventListener('abort', leave, { once: true });
      line.waiting.push(waiter);
      this.#admit();
    });
  }

  /** How long who comes now waits at least, and how many are before him: those that wait, and those beyond the places there are. */
  get delay(): { readonly ms: number; readonly before: number } {
    const now = this.#now();
    const ms = Math.max(0, this.#pause.until - now, this.#lease?.waitMs(now, 1) ?? 0, this.#gates.waitMs(now, 1));
    return { ms: ms * (1 + this.#queue.size), before: this.#queue.size + this.#inFlight };
  }

  get windows(): readonly WindowUse[] {
    return this.#gates.use(this.#now());
  }

  /** Everyone waits, also in other processes: the API asked one of us to, or its quota is spent. */
  pauseFor(ms: number, reason: PauseReason): void {
    if (!this.#pauseUntil(this.#now() + ms, reason)) return;
    this.#lease?.tellPause(ms, reason);
    this.#admit();
  }

  /** What an answer said of the points, to a request that was sent so long ago. */
  noteCost(facts: CostFacts, sentAgoMs: number): void {
    const now = this.#now();
    this.#gates.learnCost(facts, now - sentAgoMs, now);
    this.#setLimits();
    this.#admit();
  }

  /** What an answer said of a quota, to a request that was sent so long ago. Where it is spent, everyone waits. */
  noteQuota(facts: QuotaFacts, sentAgoMs: number): void {
    this.#gates.learnQuota(facts, this.#now() - sentAgoMs);
    if (facts.left <= 0) this.pauseFor(spentPauseMs(facts), 'quota');
    this.#admit();
  }

  /** A window that the API announced. */
  addWindow(window: DeclaredWindow): void {
    this.#gates.add(window);
    this.#setLimits();
  }

  /** Of one party. What is left out is as declared. The windows hold whatever the pace. */
  setPace(pace: PartyPace, party: Party = NOBODY): void {
    if (!this.#queue.line(party).setPace(pace)) return;
    if (!this.#sharesPlaces) this.#places = this.#declaredPlaces;
    this.#setLimits();
    this.#admit();
  }

  async close(reason: SyncError): Promise<void> {
    this.#closed = reason;
    this.#admit();
    await this.#lease?.close();
  }

  get #sharesPlaces(): boolean {
    return this.#lease !== undefined && this.#options.isConcurrencyShared === true;
  }

  /** More than is declared only where a person said so. */
  get #declaredPlaces(): number {
    return Math.max(this.#options.concurrency, this.#queue.tunedConcurrency ?? 0);
  }

  #setLimits(): void {
    if (this.#lease === undefined) return;
    const { perSecond, held } = this.#gates;
    this.#lease.setLimits({ perSecond, places: this.#sharesPlaces ? this.#declaredPlaces : undefined, meters: held });
  }

  #takeOver({ share, holders, places, block }: BudgetLease): void {
    const now = this.#now();
    if (share > 0) this.#share = share;
    this.#gates.setShare(share, holders, now);
    if (this.#sharesPlaces) this.#places = places;
    if (block !== undefined) this.#pauseUntil(now + block.ms, block.reason);
    this.#admit();
  }

  #pauseUntil(until: number, reason: PauseReason): boolean {
    if (until <= this.#pause.until) return false;
    this.#pause = { until, reason };
    return true;
  }

  #admit(): void {
    clearTimeout(this.#timer);
    while (!this.#queue.isEmpty) {
      if (this.#closed !== undefined) return this.#refuse(this.#closed);
      const now = this.#now();
      const { line, waitMs: ownMs } = this.#queue.next(now);
      const count = countOf(line);
      const leaseMs = this.#lease?.waitMs(now, count) ?? 0;
      const gateMs = this.#gateMs(now, count);
      const long = this.#longWait(now, count, gateMs);
      if (long !== undefined) return this.#refuse(tooLong(this.#options.name, long));
      if (this.#inFlight >= this.#places) {
        this.#why = 'places';
        return;
      }
      const pauseMs = this.#pause.until - now;
      const waitMs = Math.max(ownMs, leaseMs, pauseMs, gateMs);
      if (waitMs > 0 || line === undefined) {
        if (waitMs > 0)
          this.#why = waitMs === pauseMs ? this.#pause.reason : waitMs === leaseMs ? 'shared' : waitMs <= this.#gates.quotaMs(now, count) ? 'quota' : 'pace';
        return this.#sleep(line, now, waitMs);
      }
      this.#queue.serve(line, now)?.enter();
    }
  }

  /** How long the pace lets nobody go. */
  #gateMs(now: number, count: number): number {
    const waitMs = this.#gates.waitMs(now, count);
    if (waitMs > 0) this.#lease?.noteShort();
    return waitMs;
  }

  #longWait(now: number, count: number, gateMs: number): LongWait | undefined {
    const pauseMs = this.#pause.until - now;
    const spent = this.#lease?.spent(now, count) ?? { waitMs: 0, isQuota: false };
    const quotaMs = Math.max(spent.isQuota ? spent.waitMs : 0, this.#gates.quotaMs(now, count));
    // A part of the pace that is small for a moment is no reason to give up.
    const paceMs = Math.max(spent.isQuota ? 0 : spent.waitMs, gateMs * this.#share);
    const longest = Math.max(pauseMs, quotaMs, paceMs);
    if (longest <= LONGEST_WAIT_MS) return undefined;
    if (longest === pauseMs) return { why: 'pause', reason: this.#pause.reason, ms: pauseMs };
    return { why: longest === quotaMs ? 'declared-quota' : 'pace', ms: longest };
  }

  #sleep(line: Line<Waiter> | undefined, now: number, waitMs: number): void {
    if (waitMs === Number.POSITIVE_INFINITY) return;
    this.#timer = setTimeout(() => this.#admit(), Math.ceil(waitMs));
    const waiter = line?.waiting[0];
    // Asked again on every release: people are told of a wait once.
    if (waiter === undefined || waitMs < TOLD_WAIT_MS || waiter.toldUntil + TOLD_WAIT_MS > now + waitMs) return;
    waiter.toldUntil = now + waitMs;
    const isPause = this.#pause.until > now;
    waiter.onWait(waitMs, isPause ? `${this.#options.name} asked to wait` : `${this.#options.name} allows no more requests at the moment`);
  }

  #place(line: Line<Waiter>, count: number): Place {
    let isUsed = false;
    let isReleased = false;
    const place: Place = {
      markUsed: () => {
        isUsed = true;
      },
      release: () => {
        if (isReleased) return;
        isReleased = true;
        this.#inFlight -= 1;
        line.inFlight -= 1;
        if (!isUsed && this.#lastTake?.place === place) this.#lastTake.undo();
        this.#admit();
      },
    };
    this.#inFlight += 1;
    line.inFlight += 1;
    const untake = this.#gates.take(this.#now(), count, line.pacer);
    this.#lease?.take(count);
    this.#lastTake = {
      place,
      undo: () => {
        this.#lastTake = undefined;
        untake();
        this.#lease?.undo(count);
      },
    };
    return place;
  }

  #refuse(error: SyncError): void {
    for (const waiter of this.#queue.drain()) waiter.fail(error);
  }
}

/** Of the first that waits there. */
function countOf(line: Line<Waiter> | undefined): number {
  return line?.waiting[0]?.count ?? 1;
}
