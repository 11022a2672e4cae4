import { type LogLevel, type LogMetadata, makeTelemetryFilterString, Runtime, type Logger as TemporalLogger } from '@temporalio/worker';
import type { Logger } from 'pino';
import { SyncError } from '../engine/errors.ts';
import { syncOfWorkflow } from '../engine/ids.ts';
import { runIdOf } from './sight/step-ids.ts';

/** Names as Prometheus has them: `_total` for what is counted, seconds for what lasts. */
const PROMETHEUS_NAMES = { countersTotalSuffix: true, unitSuffix: true, useSecondsForDurations: true };

/**
 * Installs Temporal's native runtime with our logger. Once per process, before any worker or connection.
 * @param metrics host:port where the SDK serves its own metrics
 * @throws SyncError SYSTEM_UNAVAILABLE where nothing can listen there
 */
export function installRuntime(log: Logger, metrics: string | undefined): void {
  const exporter = metrics === undefined ? {} : { metrics: { prometheus: { bindAddress: metrics, ...PROMETHEUS_NAMES } } };
  const logging = { filter: makeTelemetryFilterString({ core: 'WARN', other: 'WARN' }), forward: {} };
  try {
    Runtime.install({ logger: asTemporalLogger(log), telemetryOptions: { logging, ...exporter }, shutdownSignals: [] });
  } catch (cause) {
    if (metrics === undefined) throw cause;
    const message = `Temporal's SDK cannot serve its metrics at ${metrics}, where this worker would read them. Start it again.`;
    throw new SyncError({ code: 'SYSTEM_UNAVAILABLE', retry: 'never', message, cause });
  }
}

function asTemporalLogger(log: Logger): TemporalLogger {
  const write = (level: LogLevel, message: string, meta: LogMetadata = {}) => {
    const method = level === 'TRACE' ? 'trace' : level === 'DEBUG' || level === 'INFO' ? 'debug' : level === 'WARN' ? 'warn' : 'error';
    log[method](withOurIds(meta), message);
  };
  return {
    log: write,
    trace: (message, meta) => write('TRACE', message, meta),
    debug: (message, meta) => write('DEBUG', message, meta),
    info: (message, meta) => write('INFO', message, meta),
    warn: (message, meta) => write('WARN', message, meta),
    error: (message, meta) => write('ERROR', message, meta),
  };
}

/** `runId` is of Syncline, on each line of the log. */
function withOurIds({ runId: ofWorkflow, taskToken: _, ...meta }: LogMetadata): object {
  // So the SDK calls it in lines about activities, and `runId` in lines about workflows.
  const { workflowRunId = ofWorkflow } = meta;
  const sync = typeof meta['workflowId'] === 'string' ? syncOfWorkflow(meta['workflowId']) : undefined;
  const runId = typeof workflowRunId === 'string' ? runIdOf(workflowRunId) : undefined;
  return { ...meta, ...defined({ sync, runId, workflowRunId }) };
}

function defined(ids: Readonly<Record<string, unknown>>): object {
  return Object.fromEntries(Object.entries(ids).filter(([, id]) => id !== undefined));
}
