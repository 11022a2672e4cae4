import { AsyncLocalStorage } from 'node:async_hooks';
import { createHash } from 'node:crypto';
import { type Attributes, type Context, ROOT_CONTEXT, type Span, SpanKind, SpanStatusCode, TraceFlags, type Tracer, trace } from '@opentelemetry/api';
import { type IdGenerator, RandomIdGenerator, type Sampler, SamplingDecision } from '@opentelemetry/sdk-trace';
import type { HttpSight } from '../../http/http-client.ts';
import type { Run } from '../../ledger/ledger.ts';
import type { StepIds } from './step-ids.ts';
import type { Tracing } from './tracing.ts';

/** Ids at random, but for the span of a run: whoever does a step of it knows them. */
export class RunIds implements IdGenerator {
  readonly #random = new RandomIdGenerator();
  #next: RunSpan | undefined;

  generateTraceId(): string {
    return this.#next?.traceId ?? this.#random.generateTraceId();
  }

  generateSpanId(): string {
    return this.#next?.spanId ?? this.#random.generateSpanId();
  }

  /** What `start` begins is this span. */
  with(span: RunSpan, start: () => Span): Span {
    this.#next = span;
    try {
      return start();
    } finally {
      this.#next = undefined;
    }
  }
}

interface RunSpan {
  readonly traceId: string;
  readonly spanId: string;
}

export interface SpanTracingParts {
  readonly tracer: Tracer;
  readonly runIds: RunIds;
  /** Of runs. */
  readonly sampler: Sampler;
  readonly close: () => Promise<void>;
}

/**
 * The ids of a run's span are made from the ids of its workflow and its own: so steps in any worker, before and after a crash and over continue-as-new, are in one trace, and no
 * workflow has to carry anything.
 */
export class SpanTracing implements Tracing {
  readonly #parts: SpanTracingParts;
  readonly #current = new AsyncLocalStorage<Context>();

  constructor(parts: SpanTracingParts) {
    this.#parts = parts;
  }

  async traceStep<Result>(ids: StepIds, work: () => Promise<Result>): Promise<Result> {
    const parent = this.#parentOf(ids);
    const attributes = { ...attributesOf(ids), 'temporal.activity.type': ids.activityType, 'temporal.activity.attempt': ids.attempt };
    const span = this.#parts.tracer.startSpan(ids.activityType, { kind: SpanKind.INTERNAL, attributes }, parent);
    try {
      return await this.#current.run(trace.setSpan(parent, span), work);
    } catch (error) {
      fail(span, errorType(error));
      throw error;
    } finally {
      span.end();
    }
  }

  traceExchange(exchange: Parameters<HttpSight['onExchange']>[0]): void {
    const { connection, method, status, failure, sentAt, durationMs, isRetry, sentBytes, receivedBytes } = exchange;
    const attributes: Attributes = {
      'http.request.method': method,
      'http.request.body.size': sentBytes,
      'http.response.body.size': receivedBytes,
      'syncline.connection': connection,
      'syncline.is_retry': isRetry,
      ...(status === undefined ? {} : { 'http.response.status_code': status }),
    };
    const span = this.#parts.tracer.startSpan(method, { kind: SpanKind.CLIENT, startTime: sentAt, attributes }, this.#current.getStore() ?? ROOT_CONTEXT);
    const mistake = failure ?? (status !== undefined && status >= 400 ? String(status) : undefined);
    if (mistake !== undefined) fail(span, mistake);
    span.end(sentAt + durationMs);
  }

  traceRun(ids: StepIds, { startedAt, endedAt, requestedAt, state, totals }: Run): void {
    const span = runSpanOf(ids);
    if (span === undefined) return;
    const { read, written, unchanged, rejected, held, requests } = totals;
    const counts = Object.entries({ read, written, unchanged, rejected, held, requests }).map(([name, count]) => [`syncline.run.${name}`, count]);
    const attributes: Attributes = { ...attributesOf(ids), 'syncline.run.state': state, ...Object.fromEntries(counts) };
    const options = { root: true, kind: SpanKind.INTERNAL, startTime: startedAt ?? requestedAt, attributes };
    const { tracer, runIds } = this.#parts;
    const started = runIds.with(span, () => tracer.startSpan(`run ${ids.sync ?? ''}`.trim(), options, ROOT_CONTEXT));
    if (state === 'failed' || state === 'books-open') fail(started, state);
    started.end(endedAt);
  }

  close(): Promise<void> {
    return this.#parts.close();
  }

  #parentOf(ids: StepIds): Context {
    const span = runSpanOf(ids);
    if (span === undefined) return ROOT_CONTEXT;
    const { decision } = this.#parts.sampler.shouldSample(ROOT_CONTEXT, span.traceId, 'run', SpanKind.INTERNAL, {}, []);
    const traceFlags = decision === SamplingDecision.RECORD_AND_SAMPLED ? TraceFlags.SAMPLED : TraceFlags.NONE;
    return trace.setSpanContext(ROOT_CONTEXT, { ...span, traceFlags, isRemote: true });
  }
}

function runSpanOf({ workflowId, runId }: StepIds): RunSpan | undefined {
  if (workflowId === undefined || runId === undefined) return undefined;
  const digest = createHash('sha256').update(`${workflowId} ${runId}`).digest('hex');
  return { traceId: digest.slice(0, 32), spanId: digest.slice(32, 48) };
}

function attributesOf({ sync, runId, workflowId, workflowRunId }: StepIds): Attributes {
  return {
    ...(sync === undefined ? {} : { 'syncline.sync': sync }),
    ...(runId === undefined ? {} : { 'syncline.run.id': runId }),
    ...(workflowId === undefined ? {} : { 'temporal.workflow.id': workflowId }),
    ...(workflowRunId === undefined ? {} : { 'temporal.workflow.run_id': workflowRunId }),
  };
}

function fail(span: Span, type: string): void {
  span.setAttribute('error.type', type);
  span.setStatus({ code: SpanStatusCode.ERROR });
}

/** The code of a failure of ours. */
function errorType(error: unknown): string {
  if (!(error instanceof Error)) return 'INTERNAL';
  return 'type' in error && typeof error.type === 'string' ? error.type : error.name;
}
