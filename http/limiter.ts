import { SyncError } from '../engine/errors.ts';
import type { HttpPermit } from './http-client.ts';
import { Pacer } from './pacer.ts';
import { RateWindow } from './rate-window.ts';

/** Waits that the API asked for are sat out here up to this; longer ones are the caller's, and durable. */
const LONGEST_PAUSE_MS = 5_000;
/** Waits that people are told of. */
const TOLD_WAIT_MS = 1_000;

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
  readonly windows: readonly { readonly count: number; readonly perMs: number }[];
  readonly concurrency: number;
  /** A pace found out meanwhile. */
  readonly learnedPacer?: () => Pacer | undefined;
}

type PauseReason = 'asked' | 'quota';

/**
 * Lets requests go in the order of asking, no faster than every window allows and no more at once than there are places. Sleeps exactly until the next may go. Times are those of
 * a clock that never jumps.
 */
export class Limiter {
  readonly #options: LimiterOptions;
  readonly #now: () => number;
  readonly #windows: RateWindow[];
  readonly #queue: Waiter[] = [];
  #tuned: Pacer | undefined;
  #concurrency: number;
  #inFlight = 0;
  #pause: { readonly until: number; readonly reason: PauseReason } = { until: Number.NEGATIVE_INFINITY, reason: 'asked' };
  #lastTake: { readonly place: Place; readonly undo: () => void } | undefined;
  #timer: NodeJS.Timeout | undefined;
  #closed: SyncError | undefined;

  constructor(options: LimiterOptions, now: () => number = () => performance.now()) {
    this.#options = options;
    this.#now = now;
    this.#windows = options.windows.map((window) => new RateWindow(window));
    this.#concurrency = options.concurrency;
  }

  /** @throws SyncError RATE_LIMITED or QUOTA_SPENT where the wait is too long to sit out; the signal's reason when it fires */
  acquire(signal: AbortSignal | undefined, onWait: (ms: number, reason: string) => void): Promise<Place> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted === true) return reject(signal.reason);
      const leave = () => {
        this.#queue.splice(this.#queue.indexOf(waiter), 1);
        reject(signal?.reason);
        this.#admit();
      };
      const stay = () => signal?.removeEventListener('abort', leave);
      const waiter: Waiter = {
        onWait,
        toldUntil: Number.NEGATIVE_INFINITY,
        enter: () => {
          stay();
          resolve(this.#place());
        },
        fail: (error) => {
          stay();
          reject(error);
        },
      };
      signal?.addEventListener('abort', leave, { once: true });
      this.#queue.push(waiter);
      this.#admit();
    });
  }

  /** Everyone waits: the API asked one of us to, or its quota is spent. */
  pauseFor(ms: number, reason: PauseReason): void {
    const until = this.#now() + ms;
    if (until <= this.#pause.until) return;
    this.#pause = { until, reason };
    this.#admit();
  }

  /** A window that the API announced. */
  addWindow(window: { readonly count: number; readonly perMs: number }): void {
    this.#windows.push(new RateWindow(window));
  }

  /** What is left out is as declared. The windows hold whatever the pace. */
  setPace(pace: { readonly requestsPerSecond?: number | undefined; readonly concurrency?: number | undefined }): void {
    const intervalMs = pace.requestsPerSecond === undefined ? undefined : 1_000 / pace.requestsPerSecond;
    if (intervalMs !== this.#tuned?.intervalMs) this.#tuned = intervalMs === undefined ? undefined : new Pacer(intervalMs);
    this.#concurrency = pace.concurrency ?? this.#options.concurrency;
    this.#admit();
  }

  close(reason: SyncError): void {
    this.#closed = reason;
    this.#admit();
  }

  #admit(): void {
    clearTimeout(this.#timer);
    for (;;) {
      if (this.#closed !== undefined) return this.#refuse(this.#closed);
      const waiter = this.#queue[0];
      if (waiter === undefined) return;
      const now = this.#now();
      const pauseMs = this.#pause.until - now;
      const quotaMs = Math.max(0, ...this.#windows.filter((window) => window.isQuota).map((window) => window.waitMs(now)));
      if (Math.max(pauseMs, quotaMs) > LONGEST_PAUSE_MS) return this.#refuse(this.#tooLong(pauseMs, quotaMs));
      if (this.#inFlight >= this.#concurrency) return;
      const waitMs = Math.max(0, pauseMs, ...this.#gates().map((gate) => gate.waitMs(now)));
      if (waitMs > 0) return this.#sleep(waiter, now, waitMs, pauseMs > 0);
      this.#queue.shift();
      waiter.enter();
    }
  }

  #sleep(waiter: Waiter, now: number, waitMs: number, isPause: boolean): void {
    this.#timer = setTimeout(() => this.#admit(), Math.ceil(waitMs));
    // Asked again on every release: people are told of a wait once.
    if (waitMs < TOLD_WAIT_MS || waiter.toldUntil + TOLD_WAIT_MS > now + waitMs) return;
    waiter.toldUntil = now + waitMs;
    waiter.onWait(waitMs, isPause ? `${this.#options.name} asked to wait` : `${this.#options.name} allows no more requests at the moment`);
  }

  #gates(): readonly (RateWindow | Pacer)[] {
    const learned = this.#options.learnedPacer?.();
    return [...this.#windows, ...(this.#tuned === undefined ? [] : [this.#tuned]), ...(learned === undefined ? [] : [learned])];
  }

  #place(): Place {
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
        if (!isUsed && this.#lastTake?.place === place) this.#lastTake.undo();
        this.#admit();
      },
    };
    const gates = this.#gates();
    const now = this.#now();
    this.#inFlight += 1;
    for (const gate of gates) gate.take(now);
    this.#lastTake = {
      place,
      undo: () => {
        this.#lastTake = undefined;
        for (const gate of gates) gate.undo();
      },
    };
    return place;
  }

  #refuse(error: SyncError): void {
    for (const waiter of this.#queue.splice(0)) waiter.fail(error);
  }

  #tooLong(pauseMs: number, quotaMs: number): SyncError {
    const { name } = this.#options;
    const afterMs = Math.ceil(Math.max(pauseMs, quotaMs));
    if (quotaMs > pauseMs)
      return new SyncError({
        code: 'QUOTA_SPENT',
        retry: { afterMs },
        message: `The declared quota of ${name} is spent: Syncline goes on in ${inWords(afterMs)}.`,
      });
    const isQuota = this.#pause.reason === 'quota';
    const message = isQuota
      ? `The quota of ${name} is spent: Syncline goes on in ${inWords(afterMs)}.`
      : `${name} asked to wait ${inWords(afterMs)}: Syncline goes on then.`;
    return new SyncError({ code: isQuota ? 'QUOTA_SPENT' : 'RATE_LIMITED', retry: { afterMs }, message });
  }
}

function inWords(ms: number): string {
  if (ms < 120_000) return `${Math.ceil(ms / 1_000)} s`;
  return ms < 7_200_000 ? `${Math.round(ms / 60_000)} min` : `${Math.round(ms / 3_600_000)} h`;
}
