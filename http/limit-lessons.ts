import { randomUUID } from 'node:crypto';
import { CostBucket, type CostFacts } from './cost-bucket.ts';
import type { Classification, HttpAnswer, HttpClientOptions } from './http-client.ts';
import { LearnedPace } from './learned-pace.ts';
import { announcedPauseMs, announcedWindows } from './limit-headers.ts';
import { Limiter } from './limiter.ts';
import { compileQuotaHeader } from './quota-header.ts';
import { retryAfterMs } from './retry-after.ts';
import { ToldQuota } from './told-quota.ts';

const DEFAULT_CONCURRENCY = 8;
/** A spent quota whose end the API does not tell. */
const UNTOLD_QUOTA_MS = 3_600_000;

type LimitOptions = Pick<HttpClientOptions, 'name' | 'account' | 'limits' | 'readCost' | 'sharedBudget' | 'sight'>;

/** The limiter of an account, taught by each answer what the API says of its limits. */
export class LimitLessons {
  readonly limiter: Limiter;
  readonly #headers: HttpClientOptions['limits']['headers'];
  readonly #now: () => number;
  readonly #learned: LearnedPace | undefined;
  readonly #cost: CostBucket | undefined;
  readonly #readQuota: ReturnType<typeof compileQuotaHeader> | undefined;
  #areWindowsKnown: boolean;

  /** @param now milliseconds since the epoch */
  constructor({ name, account, limits, readCost, sharedBudget: budget, sight }: LimitOptions, now: () => number) {
    const windows = limits.requests ?? [];
    this.#cost = readCost === undefined ? undefined : new CostBucket();
    this.#readQuota = limits.quota === undefined ? undefined : compileQuotaHeader(limits.quota);
    this.#learned = windows.length === 0 && this.#cost === undefined ? new LearnedPace() : undefined;
    this.#areWindowsKnown = windows.length > 0;
    this.#headers = limits.headers;
    this.#now = now;
    this.limiter = new Limiter({
      name,
      windows,
      concurrency: limits.concurrency ?? DEFAULT_CONCURRENCY,
      isConcurrencyShared: limits.concurrency !== undefined,
      learnedPacer: () => this.#learned?.pacer,
      cost: this.#cost,
      quota: this.#readQuota === undefined ? undefined : new ToldQuota(),
      onWaited: sight === undefined ? undefined : (ms, reason) => sight.onWaited({ connection: name, ms, reason }),
      shared: budget === undefined ? undefined : { budget, account, holder: randomUUID() },
    });
  }

  learn({ status, headers, durationMs }: HttpAnswer, classification: Classification, cost: CostFacts | undefined): void {
    const isThrottled = status === 429 || classification.class === 'rate-limited';
    if (cost !== undefined) this.limiter.noteCost(cost, durationMs);
    const quota = this.#readQuota?.(headers);
    if (quota !== undefined) this.limiter.noteQuota(quota, durationMs);
    this.#learned?.note(isThrottled, performance.now());
    this.#learnWindows(headers);
    const asked = isThrottled || status === 503 ? retryAfterMs(headers, this.#now()) : undefined;
    const announced = announcedPauseMs(headers, this.#headers, this.#now());
    if (asked !== undefined || announced !== undefined) this.limiter.pauseFor(Math.max(asked ?? 0, announced ?? 0), 'asked');
    if (classification.class === 'quota-spent') this.limiter.pauseFor(quotaPauseMs(classification, this.#now()), 'quota');
    if ((classification.class === 'rate-limited' || classification.class === 'unprocessed') && classification.afterMs !== undefined) {
      this.limiter.pauseFor(classification.afterMs, 'asked');
    }
  }

  #learnWindows(headers: HttpAnswer['headers']): void {
    if (this.#areWindowsKnown || headers['ratelimit-policy'] === undefined) return;
    this.#areWindowsKnown = true;
    for (const window of announcedWindows(headers)) this.limiter.addWindow(window);
  }
}

/** How long a spent quota stays spent. */
export function quotaPauseMs(spent: { readonly untilMs?: number }, now: number): number {
  return Math.max(1_000, spent.untilMs === undefined ? UNTOLD_QUOTA_MS : spent.untilMs - now);
}
