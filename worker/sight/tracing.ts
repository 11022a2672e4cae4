import type { Logger } from 'pino';
import type { HttpSight } from '../../http/http-client.ts';
import type { Run } from '../../ledger/ledger.ts';
import type { StepIds } from './step-ids.ts';

/** What a worker tells a collector: a trace for each run, in it a span for each step, in that one for each request. No address, no header, no value of a record. */
export interface Tracing {
  traceStep<Result>(ids: StepIds, work: () => Promise<Result>): Promise<Result>;
  traceExchange(exchange: Parameters<HttpSight['onExchange']>[0]): void;
  /** It has ended. */
  traceRun(ids: StepIds, run: Run): void;
  /** Sends what is left. */
  close(): Promise<void>;
}

export const NO_TRACING: Tracing = {
  traceStep: (_, work) => work(),
  traceExchange: () => undefined,
  traceRun: () => undefined,
  close: async () => undefined,
};

/** Loads what traces need only where the standard variables name a collector. @throws SyncError DEFINITION_INVALID where one of them cannot be used */
export async function loadTracing(env: NodeJS.ProcessEnv, version: string, log: Logger): Promise<Tracing> {
  if (!env['OTEL_EXPORTER_OTLP_ENDPOINT'] && !env['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT']) return NO_TRACING;
  const { openTracing } = await import('./open-tracing.ts');
  return (await openTracing(env, version, log)) ?? NO_TRACING;
}
