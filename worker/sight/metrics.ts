import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { StepMeter } from '../../activities/step-meter.ts';
import type { HttpSight } from '../../http/http-client.ts';
import type { LedgerState } from './ledger-state.ts';
import { METRICS, type MetricDeclaration } from './metric-catalog.ts';
import { SumOfAccounts } from './sum-of-accounts.ts';

type Windows = Parameters<HttpSight['onOpened']>[0];

/** The metrics of ours: counted where things happen, by the request and the batch, never by the record. */
export class Metrics implements HttpSight, StepMeter {
  readonly #registry = new Registry();
  readonly #records = this.#counter(METRICS.records);
  readonly #runs = this.#counter(METRICS.runs);
  readonly #segments = this.#histogram(METRICS.segments);
  readonly #stepWaits = this.#counter(METRICS.stepWaits);
  readonly #stepFailures = this.#counter(METRICS.stepFailures);
  readonly #requests = this.#counter(METRICS.requests);
  readonly #throttled = this.#counter(METRICS.throttled);
  readonly #failed = this.#counter(METRICS.failed);
  readonly #retries = this.#counter(METRICS.retries);
  readonly #requestSeconds = this.#histogram(METRICS.requestSeconds);
  readonly #sentBytes = this.#histogram(METRICS.sentBytes);
  readonly #receivedBytes = this.#histogram(METRICS.receivedBytes);
  readonly #limiterWaits = this.#counter(METRICS.limiterWaits);
  readonly #worker = this.#gauge(METRICS.worker);
  readonly #ready = this.#gauge(METRICS.ready);
  readonly #ledger = this.#gauge(METRICS.ledger);
  readonly #lag = this.#gauge(METRICS.lag);
  readonly #lastSuccess = this.#gauge(METRICS.lastSuccess);
  readonly #refused = this.#gauge(METRICS.refused);
  readonly #quotaLeft = this.#gauge(METRICS.quotaLeft);
  readonly #webhookEvents = this.#gauge(METRICS.webhookEvents);
  readonly #oldestEvent = this.#gauge(METRICS.oldestEvent);
  readonly #limit = this.#gauge(METRICS.limit);
  readonly #limitUsed = this.#gauge(METRICS.limitUsed);
  readonly #clients = new Set<Windows>();

  constructor() {
    collectDefaultMetrics({ register: this.#registry });
  }

  /** In Prometheus' text format. */
  text(): Promise<string> {
    this.#setWindows();
    return this.#registry.metrics();
  }

  countRecords(sync: string, operation: string, outcome: string, records: number): void {
    this.#records.inc({ sync, operation, outcome }, records);
  }

  countRun(sync: string, state: string): void {
    this.#runs.inc({ sync, state });
  }

  timeSegment(sync: string, side: 'source' | 'target', ms: number): void {
    this.#segments.observe({ sync, side }, ms / 1_000);
  }

  /** @param waitMs until it is tried again, where that was told */
  countStepFailure(sync: string, code: string, isFinal: boolean, waitMs: number | undefined): void {
    this.#stepFailures.inc({ sync, code, ending: isFinal ? 'final' : 'again' });
    if (waitMs !== undefined) this.#stepWaits.inc({ sync, code }, waitMs / 1_000);
  }

  onExchange({ connection, method, status, durationMs, isRetry, sentBytes, receivedBytes }: Parameters<HttpSight['onExchange']>[0]): void {
    this.#requests.inc({ connection, method, status: status === undefined ? 'none' : `${Math.floor(status / 100)}xx` });
    if (status === 429) this.#throttled.inc({ connection });
    if (status === undefined || status >= 500) this.#failed.inc({ connection });
    if (isRetry) this.#retries.inc({ connection });
    this.#requestSeconds.observe({ connection }, durationMs / 1_000);
    this.#sentBytes.observe({ connection }, sentBytes);
    if (status !== undefined) this.#receivedBytes.observe({ connection }, receivedBytes);
  }

  onWaited({ connection, reason, ms }: Parameters<HttpSight['onWaited']>[0]): void {
    this.#limiterWaits.inc({ connection, reason }, ms / 1_000);
  }

  onOpened(client: Windows): () => void {
    this.#clients.add(client);
    // A counter that is not there before has no increase.
    for (const counter of [this.#throttled, this.#failed, this.#retries]) counter.inc({ connection: client.connection }, 0);
    return () => void this.#clients.delete(client);
  }

  describeWorker(labels: Readonly<Record<(typeof METRICS.worker.labels)[number], string>>): void {
    this.#worker.set(labels, 1);
  }

  setReady(isReady: boolean): void {
    this.#ready.set(isReady ? 1 : 0);
  }

  /** Accounts with a quota that is counted for all processes together. */
  quotaAccounts(): ReadonlySet<string> {
    return new Set([...this.#clients].map(({ account }) => account));
  }

  /** @param state absent: the ledger did not answer */
  setLedgerState(state: LedgerState | undefined, now: number): void {
    this.#ledger.set(state === undefined ? 0 : 1);
    for (const gauge of [this.#lag, this.#lastSuccess, this.#refused, this.#quotaLeft, this.#webhookEvents, this.#oldestEvent]) gauge.reset();
    if (state === undefined) return;
    for (const { sync, standing, events } of state.syncs) {
      this.#setStanding(sync, standing, now);
      this.#webhookEvents.set({ sync }, events?.open ?? 0);
      this.#oldestEvent.set({ sync }, events === undefined || events.open === 0 ? 0 : Math.max(0, now - events.oldestAt) / 1_000);
    }
    this.#setQuotas(state);
  }

  #setStanding(sync: string, { success, rejected, held }: LedgerState['syncs'][number]['standing'], now: number): void {
    if (success !== undefined) {
      this.#lag.set({ sync }, Math.max(0, now - success.readStartedAt) / 1_000);
      this.#lastSuccess.set({ sync }, success.endedAt / 1_000);
    }
    for (const [outcome, { waiting, givenUp }] of Object.entries({ rejected, held })) {
      this.#refused.set({ sync, outcome, retry: 'waiting' }, waiting);
      this.#refused.set({ sync, outcome, retry: 'given_up' }, givenUp);
    }
  }

  #setQuotas({ accounts }: LedgerState): void {
    const left = new SumOfAccounts();
    for (const { account, connection, windows } of this.#clients) {
      const quotas = accounts.find((use) => use.account === account)?.quotas ?? [];
      for (const { count, perMs, used: told, isOfAll } of windows()) {
        const used = isOfAll === true ? told : quotas.find((quota) => quota.perMs === perMs)?.used;
        if (used !== undefined) left.note(account, { connection, window: windowLabel(perMs) }, Math.max(0, count - used));
      }
    }
    left.give(this.#quotaLeft);
  }

  #setWindows(): void {
    this.#limit.reset();
    this.#limitUsed.reset();
    const limits = new SumOfAccounts();
    for (const { account, connection, windows } of this.#clients)
      for (const { count, perMs, used } of windows()) {
        const labels = { connection, window: windowLabel(perMs) };
        limits.note(account, labels, count);
        // A run that was frozen with an earlier definition may have a client of its own.
        this.#limitUsed.inc(labels, used);
      }
    limits.give(this.#limit);
  }

  #counter(declaration: MetricDeclaration): Counter {
    return new Counter({ ...optionsOf(declaration), registers: [this.#registry] });
  }

  #gauge(declaration: MetricDeclaration): Gauge {
    return new Gauge({ ...optionsOf(declaration), registers: [this.#registry] });
  }

  #histogram(declaration: MetricDeclaration): Histogram {
    return new Histogram({ ...optionsOf(declaration), buckets: [...(declaration.buckets ?? [])], registers: [this.#registry] });
  }
}

function optionsOf({ name, help, labels }: MetricDeclaration): { readonly name: string; readonly help: string; readonly labelNames: string[] } {
  return { name, help: help.replaceAll('`', ''), labelNames: [...labels] };
}

/** In seconds. */
function windowLabel(perMs: number): string {
  return String(Math.round(perMs / 1_000));
}
