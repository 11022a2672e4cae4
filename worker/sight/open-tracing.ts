import { DiagLogLevel, diag } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { defaultResource, detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BatchSpanProcessor,
  ParentBasedSampler,
  type Sampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import type { Logger } from 'pino';
import { z } from 'zod';
import { SyncError } from '../../engine/errors.ts';
import { RunIds, SpanTracing } from './span-tracing.ts';
import type { Tracing } from './tracing.ts';

const count = z.coerce.number().int().min(1).optional();
/** As the specification of OpenTelemetry names them; what is about the way to the collector, the exporter reads by itself. */
const settingsSchema = z.object({
  OTEL_SDK_DISABLED: z.string().optional(),
  OTEL_TRACES_EXPORTER: z.enum(['otlp', 'none'], 'must be otlp or none').optional(),
  OTEL_EXPORTER_OTLP_ENDPOINT: z.url().optional(),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: z.url().optional(),
  OTEL_EXPORTER_OTLP_PROTOCOL: z.string().optional(),
  OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: z.string().optional(),
  OTEL_TRACES_SAMPLER: z
    .enum(['always_on', 'always_off', 'traceidratio', 'parentbased_always_on', 'parentbased_always_off', 'parentbased_traceidratio'])
    .default('parentbased_always_on'),
  OTEL_TRACES_SAMPLER_ARG: z.coerce.number().min(0).max(1).default(1),
  OTEL_BSP_SCHEDULE_DELAY: count,
  OTEL_BSP_EXPORT_TIMEOUT: count,
  OTEL_BSP_MAX_QUEUE_SIZE: count,
  OTEL_BSP_MAX_EXPORT_BATCH_SIZE: count,
});
type Settings = z.output<typeof settingsSchema>;

const PROTOCOL = 'http/protobuf';
const CLOSED_WITHIN_MS = 5_000;

/**
 * Traces by OTLP, where the standard variables name a collector; else undefined.
 * @throws SyncError DEFINITION_INVALID where one of them cannot be used
 */
export async function openTracing(env: NodeJS.ProcessEnv, version: string, log: Logger): Promise<Tracing | undefined> {
  const settings = readSettings(env);
  if (!isOn(settings)) return undefined;
  const told = (message: string) => log.warn({ reason: message }, 'traces cannot be sent');
  const silent = () => undefined;
  diag.setLogger({ error: told, warn: told, info: silent, debug: silent, verbose: silent }, { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true });
  const sampler = samplerOf(settings);
  const runIds = new RunIds();
  const named = resourceFromAttributes({ 'service.name': 'syncline-worker', 'service.version': version });
  const provider = new TracerProvider({
    resource: defaultResource()
      .merge(named)
      .merge(detectResources({ detectors: [envDetector] })),
    sampler: new ParentBasedSampler({ root: sampler }),
    idGenerator: runIds,
    spanProcessors: [new BatchSpanProcessor({ exporter: new OTLPTraceExporter(), ...batchOf(settings) })],
  });
  const close = () =>
    provider
      .forceFlush({ timeoutMillis: CLOSED_WITHIN_MS })
      .catch(silent)
      .then(() => provider.shutdown())
      .catch(silent);
  return new SpanTracing({ tracer: provider.getTracer('syncline', version), runIds, sampler, close });
}

function readSettings(env: NodeJS.ProcessEnv): Settings {
  // What is empty counts as not set.
  const set = Object.fromEntries(Object.entries(env).filter(([name, value]) => name in settingsSchema.shape && value !== ''));
  const parsed = settingsSchema.safeParse(set);
  if (!parsed.success) throw unusable(parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; '));
  const { OTEL_EXPORTER_OTLP_PROTOCOL: all, OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: protocol = all ?? PROTOCOL } = parsed.data;
  if (isOn(parsed.data) && protocol !== PROTOCOL)
    throw unusable(`the protocol "${protocol}" is not spoken: use ${PROTOCOL}, which every collector takes at port 4318`);
  return parsed.data;
}

function isOn({ OTEL_SDK_DISABLED: off, OTEL_TRACES_EXPORTER: exporter, ...settings }: Settings): boolean {
  const endpoint = settings.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT ?? settings.OTEL_EXPORTER_OTLP_ENDPOINT;
  return endpoint !== undefined && off?.toLowerCase() !== 'true' && exporter !== 'none';
}

function samplerOf({ OTEL_TRACES_SAMPLER: name, OTEL_TRACES_SAMPLER_ARG: ratio }: Settings): Sampler {
  if (name.endsWith('always_off')) return new AlwaysOffSampler();
  return name.endsWith('traceidratio') ? new TraceIdRatioBasedSampler(ratio) : new AlwaysOnSampler();
}

function batchOf(settings: Settings): object {
  const named = {
    scheduledDelayMillis: settings.OTEL_BSP_SCHEDULE_DELAY,
    exportTimeoutMillis: settings.OTEL_BSP_EXPORT_TIMEOUT,
    maxQueueSize: settings.OTEL_BSP_MAX_QUEUE_SIZE,
    maxExportBatchSize: settings.OTEL_BSP_MAX_EXPORT_BATCH_SIZE,
  };
  return Object.fromEntries(Object.entries(named).filter(([, value]) => value !== undefined));
}

function unusable(why: string): SyncError {
  return new SyncError({
    code: 'DEFINITION_INVALID',
    retry: 'never',
    message: `Traces cannot be sent as the variables say: ${why}. See "Traces" in docs/operating.md.`,
  });
}
