import type { Logger } from 'pino';
import type { HttpSight } from '../../http/http-client.ts';
import { USER_AGENT } from '../../http/user-agent.ts';
import { installRuntime } from '../runtime.ts';
import type { WorkerSettings } from '../settings.ts';
import { freePort } from '../temporal-server/free-port.ts';
import { type LedgerStateParts, LedgerStates } from './ledger-state.ts';
import { Metrics } from './metrics.ts';
import { Readiness, type ReadinessParts } from './readiness.ts';
import { startSightServer } from './sight-server.ts';
import { loadTracing, NO_TRACING, type Tracing } from './tracing.ts';

/** What can be seen of a worker from outside: metrics, health and traces. Each is off unless it is configured. */
export interface Sight {
  readonly metrics: Metrics | undefined;
  readonly tracing: Tracing;
  /** For the connections; absent where nobody looks. */
  readonly http: HttpSight | undefined;
  /** The worker has started. */
  begin(parts: ReadinessParts & LedgerStateParts): void;
  close(): Promise<void>;
}

/**
 * Installs Temporal's runtime, and serves metrics and health where the settings say so. Before any worker or connection.
 * @throws SyncError SYSTEM_UNAVAILABLE where nothing can listen there
 */
export async function openSight(settings: WorkerSettings, log: Logger): Promise<Sight> {
  const version = USER_AGENT.replace(/^\D*/, '');
  const tracing = await loadTracing(process.env, version, log);
  const { metrics: address } = settings;
  if (address === undefined) {
    installRuntime(log, undefined);
    return {
      metrics: undefined,
      tracing,
      http: tracing === NO_TRACING ? undefined : httpSight(undefined, tracing),
      begin: () => undefined,
      close: () => tracing.close(),
    };
  }
  const metrics = new Metrics();
  const readiness = new Readiness();
  let states: LedgerStates | undefined;
  let readSdk: () => Promise<string> = async () => '';
  const server = await startSightServer('worker', address, {
    notReady: () => readiness.reasons(),
    metrics: async () => {
      metrics.setReady((await readiness.reasons()).length === 0);
      if (states !== undefined) metrics.setLedgerState(await states.read(metrics.quotaAccounts()), Date.now());
      return `${await metrics.text()}\n${await readSdk()}`;
    },
  });
  const inner = `127.0.0.1:${await freePort(0)}`;
  installRuntime(log, inner);
  readSdk = () => readMetrics(inner, log);
  return {
    metrics,
    tracing,
    http: httpSight(metrics, tracing),
    begin: (parts) => {
      states = new LedgerStates(parts);
      const { project, profile } = parts;
      metrics.describeWorker({ project, profile, version, build: settings.buildId ?? '' });
      readiness.begin(parts);
    },
    close: async () => {
      await server.close();
      await tracing.close();
    },
  };
}

function httpSight(metrics: Metrics | undefined, tracing: Tracing): HttpSight {
  return {
    onExchange: (exchange) => {
      metrics?.onExchange(exchange);
      tracing.traceExchange(exchange);
    },
    onWaited: (wait) => metrics?.onWaited(wait),
    onOpened: (client) => metrics?.onOpened(client) ?? (() => undefined),
  };
}

/** Those of Temporal's SDK. */
async function readMetrics(address: string, log: Logger): Promise<string> {
  try {
    return await (await fetch(`http://${address}/metrics`, { signal: AbortSignal.timeout(5_000) })).text();
  } catch (error) {
    log.warn({ error }, "metrics are without those of Temporal's SDK");
    return '';
  }
}
