import type { HttpSight } from '../../http/http-client.ts';
import type { StepIds } from './step-ids.ts';

/** What a worker tells a collector: a trace for each run, in it a span for each step, in that one for each request. */
export interface Tracing {
  traceStep<Result>(ids: StepIds, work: () => Promise<Result>): Promise<Result>;
  traceExchange(exchange: Parameters<HttpSight['onExchange']>[0]): void;
  /** Sends what is left. */
  close(): Promise<void>;
}

export const NO_TRACING: Tracing = { traceStep: (_, work) => work(), traceExchange: () => undefined, close: async () => undefined };
