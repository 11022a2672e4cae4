import { createHash, randomUUID } from 'node:crypto';
import { SyncError } from '../engine/errors.ts';
import type { Party } from './fair-queue.ts';
import type { EndpointLimit, HttpClientOptions, HttpRequest } from './http-client.ts';
import { Limiter, type Place } from './limiter.ts';

/** So long a write waits with its claim, which grows old; then it is let go of, and sent later. */
const LONGEST_WRITE_WAIT_MS = 1_000;

type LimitOptions = Pick<HttpClientOptions, 'name' | 'account' | 'baseUrl' | 'limits' | 'sharedBudget'>;
type Asked = Pick<HttpRequest, 'method' | 'path' | 'query' | 'headers' | 'repeat' | 'signal' | 'observer'>;

interface Gate {
  readonly limit: EndpointLimit;
  readonly patterns: readonly (RegExp | undefined)[];
  readonly limiter: Limiter;
}

/** Limits that some requests of an account have beside its own, divided with other processes as those are. */
export class EndpointLimits {
  readonly #name: string;
  readonly #basePath: string;
  readonly #gates: readonly Gate[];

  constructor({ name, account, baseUrl, limits, sharedBudget: budget }: LimitOptions) {
    this.#name = name;
    this.#basePath = URL.parse(baseUrl)?.pathname.replace(/\/$/, '') ?? '';
    this.#gates = (limits.endpoints ?? []).map((limit) => ({
      limit,
      patterns: limit.of.map(({ path }) => (path === undefined ? undefined : new RegExp(path))),
      limiter: new Limiter({
        name,
        windows: limit.requests,
        concurrency: Number.POSITIVE_INFINITY,
        shared: budget === undefined ? undefined : { budget, account: `${account}#${nameOf(limit)}`, holder: randomUUID() },
      }),
    }));
  }

  /** Waits for every limit that the request falls under. @throws SyncError RATE_LIMITED or QUOTA_SPENT where that takes too long; the signal's reason when it fires */
  async enter(request: Asked, party: Party | undefined): Promise<Place> {
    const places: Place[] = [];
    try {
      for (const gate of this.#gates) {
        const weight = this.#weightOf(gate, request);
        if (weight > 0) places.push(await this.#acquire(gate.limiter, request, party, weight));
      }
    } catch (error) {
      for (const place of places.toReversed()) place.release();
      throw error;
    }
    return {
      markUsed: () => {
        for (const place of places) place.markUsed();
      },
      release: () => {
        for (const place of places.toReversed()) place.release();
      },
    };
  }

  async close(reason: SyncError): Promise<void> {
    await Promise.all(this.#gates.map(({ limiter }) => limiter.close(reason)));
  }

  async #acquire(limiter: Limiter, { repeat, signal, observer }: Asked, party: Party | undefined, weight: number): Promise<Place> {
    const onWait = (ms: number, reason: string) => observer?.onWait?.({ ms, reason });
    if (repeat === 'read') return limiter.acquire(signal, onWait, party, weight);
    const patience = AbortSignal.timeout(LONGEST_WRITE_WAIT_MS);
    try {
      return await limiter.acquire(patience, onWait, party, weight);
    } catch (error) {
      if (!patience.aborted || error instanceof SyncError) throw error;
      const message = `The declared pace of an endpoint of ${this.#name} allows no more requests at the moment: Syncline goes on soon.`;
      throw new SyncError({ code: 'RATE_LIMITED', retry: { afterMs: LONGEST_WRITE_WAIT_MS }, message });
    }
  }

  /** 0 where it falls under none of those. */
  #weightOf({ limit, patterns }: Gate, { method, path, query, headers = {} }: Asked): number {
    const address = new URL(path, 'http://relative.invalid');
    const behind = address.pathname.startsWith(`${this.#basePath}/`) && URL.canParse(path) ? address.pathname.slice(this.#basePath.length) : address.pathname;
    const parameters = new Map([...address.searchParams, ...(query ?? [])]);
    const sent = new Map(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
    const fitting = limit.of.find((matcher, index) => {
      const isOfMethod = matcher.method === undefined || matcher.method === method;
      const holdsAll = Object.entries(matcher.query ?? {}).every(([name, value]) => parameters.get(name) === value);
      const sendsAll = Object.entries(matcher.headers ?? {}).every(([name, value]) => sent.get(name.toLowerCase()) === value);
      return isOfMethod && holdsAll && sendsAll && (patterns[index]?.test(behind) ?? true);
    });
    // More than there ever is would never go.
    return Math.min(fitting?.weight ?? 0, ...limit.requests.map(({ count }) => count));
  }
}

/** By what it is of: it stays the same where others come before it. */
function nameOf({ of }: EndpointLimit): string {
  return createHash('sha256').update(JSON.stringify(of)).digest('base64url').slice(0, 16);
}
