import type { SyncError } from '../engine/errors.ts';
import { AccountLease, type LeaseOptions } from './account-lease.ts';
import type { CostBucket, CostFacts } from './cost-bucket.ts';
import { FairQueue, type Line, type Party, type PartyPace } from './fair-queue.ts';
import type { HttpPermit, WaitReason } from './http-client.ts';
import type { Pacer } from './pacer.ts';
import { DEFAULT_PRIORITY, weightOf } from './priority.ts';
import { type DeclaredWindow, RateWindow } from './rate-window.ts';
import type { BudgetLease, PauseReason } from './shared-budget.ts';
import { type QuotaFacts, spentPauseMs, type ToldQuota } from './told-quota.ts';
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
  readonly enter: () => void;
  readonly fail: (error: unknown) => void;
  readonly onWait: (ms: number, reason: string) => void;
  toldUntil: number;
}

export interface LimiterOptions {
  /** Connection name, for messages. */
  readonly name: string;
  readonly windows: readonly DeclaredWindow[];
  readonly concurrency: number;
  /** Whether that many are allowed to all processes together, or are ours alone. @default false */
  readonly isConcurrencyShared?: boolean;
  /** A pace found out meanwhile. */
  readonly learnedPacer?: () => Pacer | undefined;
  /** Points that requests cost, where the API counts these. */
  readonly cost?: CostBucket | undefined;
  /** A quota whose use answers tell. */
  readonly quota?: ToldQuota | undefined;
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
  readonly #windows: RateWindow[];
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
    this.#windows = options.windows.map((window) => new RateWindow(window));
    this.#places = options.concurrency;
    const user = {
      usage: (since: number) => ({ weight: this.#queue.weightSince(since) || NOBODY.weight, waiting: this.#queue.size, inFlight: this.#inFlight }),
      onLease: (lease: BudgetLease) => this.#takeOver(lease),
      onFailure: (error: SyncError) => this.#refuse(error),
      onSilence: () => this.#admit(),
    };
    this.#lease = options.shared === undefined ? undefined : new AccountLease(options.shared, user, now);
    this.#setLimits();
  }

  /** @throws SyncError RATE_LIMITED or QUOTA_SPENT where the wait is too long to sit out, STORE_UNAVAILABLE; the signal's reason when it fires */
  acquire(signal: AbortSignal | undefined, onWait: (ms: number, reason: string) => void, party: Party = NOBODY): Promise<Place> {
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
        onWait,
        toldUntil: Number.NEGATIVE_INFINITY,
        enter: () => {
          stay();
          const waitedMs = this.#now() - askedAt;
          if (waitedMs >= SHORTEST_WAIT_MS) this.#options.onWaited?.(waitedMs, this.#why);
          resolve(this.#place(line));
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
    const ms = Math.max(0, this.#pause.until - now, this.#lease?.waitMs(now) ?? 0, this.#paceMs(now));
    return { ms: ms * (1 + this.#queue.size), before: this.#queue.size + this.#inFlight };
  }

  get windows(): readonly WindowUse[] {
    const now = this.#now();
    const told = this.#options.quota?.use;
    return [...this.#windows.map((window) => window.use(now)), ...(told === undefined ? [] : [told])];
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
    this.#options.cost?.learn(facts, { sentAt: now - sentAgoMs, now });
    this.#setLimits();
    this.#admit();
  }

  /** What an answer said of a quota, to a request that was sent so long ago. Where it is spent, everyone waits. */
  noteQuota(facts: QuotaFacts, sentAgoMs: number): void {
    const now = this.#now();
    this.#options.quota?.learn(facts, now - sentAgoMs);
    if (facts.left <= 0) this.pauseFor(spentPauseMs(facts), 'quota');
    this.#admit();
  }

  /** A window that the API announced. */
  addWindow(window: DeclaredWindow): void {
    this.#windows.push(new RateWindow(window));
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
    const paces = [...this.#windows, this.#options.cost].flatMap((gate) => (gate?.perSecond === undefined ? [] : [gate.perSecond]));
    this.#lease.setLimits({
      perSecond: paces.length === 0 ? undefined : Math.min(...paces),
      places: this.#sharesPlaces ? this.#declaredPlaces : undefined,
      meters: this.#windows.flatMap((window) => (window.held === undefined ? [] : [window.held])),
    });
  }

  #takeOver({ share, holders, places, block }: BudgetLease): void {
    const now = this.#now();
    if (share > 0) {
      this.#share = share;
      for (const window of this.#windows) window.setShare(share, holders, now);
    }
    this.#options.cost?.setShare(share, now);
    if (this.#sharesPlaces) this.#places = places;
    if (block !== undefined) this.#pauseUntil(now + block.untilMs - (this.#options.shared?.epoch() ?? 0), block.reason);
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
      const leaseMs = this.#lease?.waitMs(now) ?? 0;
      const gateMs = this.#gateMs(now);
      const long = this.#longWait(now, gateMs);
      if (long !== undefined) return this.#refuse(tooLong(this.#options.name, long));
      if (this.#inFlight >= this.#places) {
        this.#why = 'places';
        return;
      }
      const { line, waitMs: ownMs } = this.#queue.next(now);
      const pauseMs = this.#pause.until - now;
      const waitMs = Math.max(ownMs, leaseMs, pauseMs, gateMs);
      if (waitMs > 0 || line === undefined) {
        if (waitMs > 0)
          this.#why = waitMs === pauseMs ? this.#pause.reason : waitMs === leaseMs ? 'shared' : this.#isQuotaShort(now, waitMs) ? 'quota' : 'pace';
        return this.#sleep(line, now, waitMs);
      }
      this.#queue.serve(line, now)?.enter();
    }
  }

  #isQuotaShort(now: number, waitMs: number): boolean {
    return this.#windows.some((window) => window.isQuota && window.waitMs(now) >= waitMs);
  }

  /** How long the pace lets nobody go. */
  #gateMs(now: number): number {
    const waitMs = this.#paceMs(now);
    if (waitMs > 0) this.#lease?.noteShort();
    return waitMs;
  }

  #paceMs(now: number): number {
    const { learnedPacer, cost, quota } = this.#options;
    let waitMs = Math.max(learnedPacer?.()?.waitMs(now) ?? 0, cost?.waitMs(now) ?? 0, quota?.waitMs(now) ?? 0);
    for (const window of this.#windows) waitMs = Math.max(waitMs, window.waitMs(now));
    return waitMs;
  }

  #longWait(now: number, gateMs: number): LongWait | undefined {
    const pauseMs = this.#pause.until - now;
    const spent = this.#lease?.spent(now) ?? { waitMs: 0, isQuota: false };
    const quotaMs = Math.max(spent.isQuota ? spent.waitMs : 0, ...this.#windows.filter(({ isQuota }) => isQuota).map((window) => window.waitMs(now)));
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

  #place(line: Line<Waiter>): Place {
    const now = this.#now();
    const { learnedPacer, cost, quota } = this.#options;
    const gates = [...this.#windows, line.pacer, learnedPacer?.(), cost, quota].filter((gate) => gate !== undefined);
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
    for (const gate of gates) gate.take(now);
    this.#lease?.take();
    this.#lastTake = {
      place,
      undo: () => {
        this.#lastTake = undefined;
        for (const gate of gates) gate.undo();
        this.#lease?.undo();
      },
    };
    return place;
  }

  #refuse(error: SyncError): void {
    for (const waiter of this.#queue.drain()) waiter.fail(error);
  }
}
