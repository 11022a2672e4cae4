import { type LogLevel, type LogMetadata, makeTelemetryFilterString, Runtime, type Logger as TemporalLogger } from '@temporalio/worker';
import type { Logger } from 'pino';
import { SyncError } from '../engine/errors.ts';

/** Names as Prometheus has them: `_total` for what is counted, seconds for what lasts. */
const PROMETHEUS_NAMES = { countersTotalSuffix: true, unitSuffix: true, useSecondsForDurations: true };

/**
 * Installs Temporal's native runtime with our logger. Once per process, before any worker or connection.
 * @param metrics host:port where Prometheus finds /metrics: the SDK's, and what is counted with `Runtime.instance().metricMeter`
 * @throws SyncError SYSTEM_UNAVAILABLE where nothing can listen there
 */
export function installRuntime(log: Logger, metrics: string | undefined): void {
  const exporter = metrics === undefined ? {} : { metrics: { prometheus: { bindAddress: metrics, ...PROMETHEUS_NAMES } } };
  const logging = { filter: makeTelemetryFilterString({ core: 'WARN', other: 'WARN' }), forward: {} };
  try {
    Runtime.install({ logger: asTemporalLogger(log), telemetryOptions: { logging, ...exporter }, shutdownSignals: [] });
  } catch (cause) {
    if (metrics === undefined) throw cause;
    const message = `The metrics of the worker cannot be served at ${metrics} (SYNCLINE_METRICS). Is the port taken, by another worker perhaps? Choose another, or unset it.`;
    throw new SyncError({ code: 'SYSTEM_UNAVAILABLE', retry: 'never', message, cause });
  }
}

function asTemporalLogger(log: Logger): TemporalLogger {
  const write = (level: LogLevel, message: string, meta?: LogMetadata) => {
    const method = level === 'TRACE' ? 'trace' : level === 'DEBUG' || level === 'INFO' ? 'debug' : level === 'WARN' ? 'warn' : 'error';
    log[method]({ ...meta }, message);
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
