import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ObservedExchange, RequestObserver } from '../connectors/ports.ts';
import { NamedHider } from '../engine/hide-named.ts';
import type { Json } from '../engine/json.ts';
import type { ClaimedBatch, RequestSample, SampledBody } from '../ledger/ledger.ts';
import type { ActivityDependencies } from './dependencies.ts';

/** Of a body; the rest is seldom looked at. */
const MOST_CHARACTERS = 32_000;
/** Cut off once more after values were hidden: one that was cut in two is not found. */
const MARGIN = 1_000;
/** While the ledger does not keep up. */
const MOST_WAITING = 50;

/** Which requests are kept as samples, of all syncs of a worker. */
export interface SamplePolicy {
  /** Of the requests that went well, from 0 to 1. */
  readonly rate: number;
  /** Whether one more that went wrong may be kept. Counts it. */
  allowsError(scope: string): boolean;
}

/** Whose requests they are, and what must not be seen in them. */
export interface SampledSync {
  readonly scope: string;
  readonly runId: string;
  /** Fields of the source and the target whose values are hidden. */
  readonly sensitive: readonly string[];
  readonly isMatchSensitive: boolean;
}

type Entry = Parameters<ActivityDependencies['ledger']['keepSamples']>[0]['samples'][number];

/** Keeps some of the requests of a step with their answers. Nothing waits for it, and nothing fails by it. */
export class SampleTaker {
  readonly #dependencies: ActivityDependencies;
  readonly #sync: SampledSync;
  readonly #waiting: Entry[] = [];
  #isKeeping = false;

  constructor(dependencies: ActivityDependencies, sync: SampledSync) {
    this.#dependencies = dependencies;
    this.#sync = sync;
  }

  /** The same observer, taking samples as well. */
  observing(observer: RequestObserver): RequestObserver {
    if (this.#dependencies.samples === undefined) return observer;
    return {
      onRequest: (request) => observer.onRequest?.(request),
      onWait: (wait) => observer.onWait?.(wait),
      onWarning: (warning) => observer.onWarning?.(warning),
      onExchange: (exchange) => this.#take(exchange, isRefused(exchange), exchange.keys ?? [], []),
    };
  }

  /** The requests of a batch, once it is known what became of its records. */
  takeBatch(batch: Pick<ClaimedBatch, 'changes'>, exchanges: readonly ObservedExchange[], isAnyRejected: boolean): void {
    if (this.#dependencies.samples === undefined) return;
    const keys = batch.changes.map(({ key }) => key);
    const hidden = batch.changes.flatMap(({ fields }) => this.#sync.sensitive.flatMap((name) => (Object.hasOwn(fields, name) ? [fields[name] ?? null] : [])));
    for (const exchange of exchanges) this.#take(exchange, isAnyRejected || isRefused(exchange), keys, hidden);
  }

  #take(exchange: ObservedExchange, isError: boolean, keys: readonly string[], hidden: readonly Json[]): void {
    const { samples, random, makeToken } = this.#dependencies;
    if (samples === undefined) return;
    const isKept = (isError && samples.allowsError(this.#sync.scope)) || random() < samples.rate;
    if (!isKept || this.#waiting.length >= MOST_WAITING) return;
    this.#waiting.push({ id: `s_${makeToken()}`, sample: this.#sampleOf(exchange, isError, hidden), keys });
    if (!this.#isKeeping) void this.#keep();
  }

  #sampleOf(exchange: ObservedExchange, isError: boolean, hidden: readonly Json[]): RequestSample {
    const { sensitive, isMatchSensitive } = this.#sync;
    const hider = new NamedHider(sensitive);
    for (const value of hidden) hider.add(value);
    if (isMatchSensitive) hider.add([...(exchange.matches ?? [])]);
    const bodies = [exchange.sent, exchange.received].map((body) => (body === undefined || body === null ? undefined : hider.hideFields(body)));
    const [sent, received] = bodies.map((body) => (body === undefined ? undefined : textOf(body, hider)));
    const { connection, method, sentAt, durationMs, status, requestId, failure } = exchange;
    const path = hider.hideValues(exchange.path);
    const told = failure === undefined ? undefined : hider.hideValues(failure);
    return { connection, method, path, sentAt, durationMs, status, requestId, failure: told, isError, sent, received };
  }

  async #keep(): Promise<void> {
    this.#isKeeping = true;
    const { ledger, log } = this.#dependencies;
    const { scope, runId } = this.#sync;
    await nextTurn();
    while (this.#waiting.length > 0) {
      const samples = this.#waiting.splice(0);
      await ledger.keepSamples({ scope, runId, samples }).catch((error: unknown) => log.warn({ error }, 'samples of requests could not be kept'));
    }
    this.#isKeeping = false;
  }
}

/** Being asked to wait is no mistake. */
function isRefused({ status }: ObservedExchange): boolean {
  return status === undefined || (status >= 400 && status !== 429);
}

function textOf(body: Json, hider: NamedHider): SampledBody {
  const whole = typeof body === 'string' ? body : JSON.stringify(body);
  if (whole.length <= MOST_CHARACTERS) return { text: hider.hideValues(whole), isCut: false };
  const hidden = hider.hideValues(whole.slice(0, MOST_CHARACTERS + MARGIN));
  return { text: hidden.slice(0, Math.min(MOST_CHARACTERS, hidden.length - MARGIN)), isCut: true };
}
