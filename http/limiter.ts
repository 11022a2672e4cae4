import { SyncError } from '../engine/errors.ts';
import type { HttpAnswer, HttpClientOptions, HttpPermit } from './http-client.ts';
import { LearnedPace } from './learned-pace.ts';
import { announcedPauseMs } from './limit-headers.ts';
import { LongWindow } from './long-window.ts';
import { Pacer } from './pacer.ts';
import { retryAfterMs } from './retry-after.ts';

/** Windows up to here are paced evenly; in longer ones (a day's quota) only the sum counts. */
const PACED_WINDOW_MS = 60_000;
/** Waits longer than this are not sat out here. */
const LONGEST_WAIT_MS = 60_000;
/** Waits that people are told of. */
const TOLD_WAIT_MS = 1_000;

interface Waiter {
  readonly enter: () => void;
  readonly fail: (error: unknown) => void;
  readonly onWait: (ms: number, reason: string) => void;
  readonly signal: AbortSignal | undefined;
}

export interface LimiterOptions {
  readonly windows: readonly { readonly count: number; readonly perMs: number }[];
  readonly concurrency: number;
  readonly headers: HttpClientOptions['limits']['headers'];
}

/** Lets requests go in their order of asking, no faster than every window allows and no more at once than there are places. */
export class Limiter {
  readonly #pacers: Pacer[];
  readonly #longWindows: readonly LongWindow[];
  readonly #headers: LimiterOptions['headers'];
  readonly #learned: LearnedPace | undefined;
  #tuned: Pacer | undefined;
  #concurrency: number;
  readonly #declaredConcurrency: number;
  #inFlight = 0;
  #pausedUntil = 0;
  #pauseReason = '';
  #queue: Waiter[] = [];
  #timer: NodeJS.Timeout | undefined;
  #closed: SyncError | undefined;

  constructor(options: LimiterOptions) {
    this.#pacers = options.windows.filter((window) => window.perMs <= PACED_WINDOW_MS).map((window) => new Pacer(window.perMs / window.count));
    this.#longWindows = options.windows.filter((window) => window.perMs > PACED_WINDOW_MS).map((window) => new LongWindow(window.count, window.perMs));
    this.#learned = options.windows.length === 0 ? new LearnedPace() : undefined;
    this.#headers = options.headers;
    this.#concurrency = options.concurrency;
    this.#declaredConcurrency = options.concurrency;
  }

  /** @throws SyncError RATE_LIMITED or QUOTA_SPENT where the wait is too long to sit out; the signal's reason when it fires */
  acquire(signal: AbortSignal | undefined, onWait: (ms: number, reason: string) => void): Promise<HttpPermit> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted === true) return reject(signal.reason);
      const waiter: Waiter = { signal, onWait, fail: reject, enter: () => resolve(this.#permit()) };
      signal?.addEventListener('abort', () => this.#leave(waiter, signal.reason), { once: true });
      this.#queue.push(waiter);
      this.#admit();
    });
  }

  /** Everyone waits: the API asked one of us to. */
  pauseFor(ms: number): void {
    const until = Date.now() + ms;
    if (until <= this.#pausedUntil) return;
    this.#pausedUntil = until;
    this.#pauseReason = 'asked to wait';
  }

  /** Takes from an answer what it says of the limits. */
  learn(answer: HttpAnswer): void {
    const now = Date.now();
    const isThrottled = answer.status === 429;
    this.#learned?.note(isThrottled, now);
    const afterMs = retryAfterMs(answer.headers['retry-after'], now);
    if (afterMs !== undefined && (isThrottled || answer.status === 503)) this.pauseFor(afterMs);
    const announcedMs = announcedPauseMs(answer.headers, this.#headers, now);
    if (announcedMs !== undefined) this.pauseFor(announcedMs);
  }

  setPace(pace: { readonly requestsPerSecond?: number | undefined; readonly concurrency?: number | undefined }): void {
    const intervalMs = pace.requestsPerSecond === undefined ? undefined : 1000 / pace.requestsPerSecond;
    if (intervalMs !== this.#tuned?.intervalMs) this.#tuned = intervalMs === undefined ? undefined : new Pacer(intervalMs);
    this.#concurrency = pace.concurrency ?? this.#declaredConcurrency;
    this.#admit();
  }

  close(reason: SyncError): void {
    this.#closed = reason;
    clearTimeout(this.#timer);
    for (const waiter of this.#queue.splice(0)) waiter.fail(reason);
  }

  #admit(): void {
    clearTimeout(this.#timer);
    for (;;) {
      const waiter = this.#queue[0];
      if (waiter === undefined) return;
      if (this.#closed !== undefined) return this.#refuse(this.#closed);
      if (this.#inFlight >= this.#concurrency) return;
      const now = Date.now();
      const quotaMs = Math.max(0, ...this.#longWindows.map((window) => window.waitMs(now)));
      const pauseMs = Math.max(0, this.#pausedUntil - now);
      const waitMs = Math.max(quotaMs, pauseMs, ...this.#allPacers().map((pacer) => pacer.waitMs(now)));
      if (waitMs > LONGEST_WAIT_MS) return this.#refuse(tooLong(quotaMs >= pauseMs ? 'QUOTA_SPENT' : 'RATE_LIMITED', waitMs));
      if (waitMs > 0) {
        if (waitMs >= TOLD_WAIT_MS) waiter.onWait(waitMs, pauseMs > 0 ? this.#pauseReason : 'allows no more requests at the moment');
        this.#timer = setTimeout(() => this.#admit(), waitMs);
        return;
      }
      this.#queue.shift();
      this.#inFlight += 1;
      for (const pacer of this.#allPacers()) pacer.take(now);
      for (const window of this.#longWindows) window.take(now);
      waiter.enter();
    }
  }

  #allPacers(): readonly Pacer[] {
    const learned = this.#learned?.pacer;
    return [...this.#pacers, ...(this.#tuned === undefined ? [] : [this.#tuned]), ...(learned === undefined ? [] : [learned])];
  }

  #refuse(error: SyncError): void {
    for (const waiter of this.#queue.splice(0)) waiter.fail(error);
  }

  #leave(waiter: Waiter, reason: unknown): void {
    if (!this.#queue.includes(waiter)) return;
    this.#queue = this.#queue.filter((other) => other !== waiter);
    waiter.fail(reason);
    this.#admit();
  }

  #permit(): HttpPermit {
    let isReleased = false;
    return {
      release: () => {
        if (isReleased) return;
        isReleased = true;
        this.#inFlight -= 1;
        this.#admit();
      },
    };
  }
}

function tooLong(code: 'QUOTA_SPENT' | 'RATE_LIMITED', afterMs: number): SyncError {
  const seconds = Math.ceil(afterMs / 1000);
  return new SyncError({ code, retry: { afterMs }, message: code === 'QUOTA_SPENT' ? `The declared quota is spent: going on in ${seconds} s.` : `The API asked to wait ${seconds} s.` });
}
