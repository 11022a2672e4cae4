import type { Request } from './http-server.ts';

/** What a look-alike was asked and what it answered, in numbers. */
export class Traffic {
  readonly #statuses: Record<string, number> = {};
  readonly #endpoints: Record<string, number> = {};
  #requests = 0;
  #writes = 0;
  #inFlight = 0;
  #mostInFlight = 0;

  begin(request: Request): void {
    this.#requests += 1;
    this.#inFlight += 1;
    this.#mostInFlight = Math.max(this.#mostInFlight, this.#inFlight);
    const endpoint = `${request.method} ${request.path.replaceAll(/\/\d+(?=\/|$)/g, '/{id}')}`;
    this.#endpoints[endpoint] = (this.#endpoints[endpoint] ?? 0) + 1;
  }

  /** @param outcome the status, or `cut` where the connection was */
  end(outcome: string): void {
    this.#inFlight -= 1;
    this.#statuses[outcome] = (this.#statuses[outcome] ?? 0) + 1;
  }

  /** A write that got past token and rate limit. */
  countWrite(): void {
    this.#writes += 1;
  }

  toJson(): Record<string, unknown> {
    return { requests: this.#requests, writes: this.#writes, mostInFlight: this.#mostInFlight, statuses: this.#statuses, endpoints: this.#endpoints };
  }
}

/** A search is a POST that changes nothing. */
export function isWrite(request: Request): boolean {
  return request.method !== 'GET' && !request.path.endsWith('/search');
}
