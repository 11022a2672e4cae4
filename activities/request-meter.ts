import type { ObservedExchange, RequestObserver } from '../connectors/ports.ts';
import type { RequestCost, SendAttempt } from '../ledger/ledger.ts';

/** Counts requests between two commits to the ledger. */
export class RequestMeter implements RequestObserver {
  #requests = 0;
  #retries = 0;
  #throttled = 0;
  readonly #onWait: ((reason: string, ms: number) => void) | undefined;

  constructor(onWait?: (reason: string, ms: number) => void) {
    this.#onWait = onWait;
  }

  onRequest(request: { readonly status?: number; readonly isRetry: boolean }): void {
    this.#requests += 1;
    if (request.isRetry) this.#retries += 1;
    if (request.status === 429) this.#throttled += 1;
  }

  onWait(wait: { readonly reason: string; readonly ms: number }): void {
    this.#onWait?.(wait.reason, wait.ms);
  }

  /** A request that repeats an earlier one of the same batch, in the eyes of the ledger. */
  countRetry(): void {
    this.#retries += 1;
  }

  /** What came since the last call: belongs into the next commit. */
  take(): RequestCost {
    const cost = { requests: this.#requests, retries: this.#retries, throttled: this.#throttled };
    this.#requests = 0;
    this.#retries = 0;
    this.#throttled = 0;
    return cost;
  }
}

/** Collects the requests of one batch, for the history of its records. */
export class AttemptLog implements RequestObserver {
  readonly attempts: SendAttempt[] = [];
  readonly exchanges: ObservedExchange[] = [];

  onExchange(exchange: ObservedExchange): void {
    this.exchanges.push(exchange);
  }

  onRequest(request: Parameters<NonNullable<RequestObserver['onRequest']>>[0]): void {
    this.attempts.push({
      sentAt: request.sentAt,
      method: request.method,
      path: request.path,
      ...(request.status === undefined ? {} : { status: request.status, answeredAt: request.sentAt + Math.round(request.durationMs) }),
      ...(request.requestId === undefined ? {} : { requestId: request.requestId }),
      ...(request.failure === undefined ? {} : { failure: request.failure }),
    });
  }
}
