import type { KeptSample, SampledBody } from '../../ledger/sample-store.ts';
import { formatDuration } from '../output/times.ts';
import type { LogEvent } from './log-event.ts';

/** Requests and answers that were kept, with what was sent and received. */
export function sampleEvents(samples: readonly KeptSample[]): readonly LogEvent[] {
  return samples.map((sample): LogEvent => {
    const { id, runId, connection, method, path, sentAt, durationMs, status, failure, requestId, isError, sent, received } = sample;
    const answer = status === undefined ? `had no answer: ${failure ?? 'lost'}` : `was answered ${status}${failure === undefined ? '' : `: ${failure}`}`;
    const words = requestId === undefined ? '' : ` (request id ${requestId})`;
    return {
      id: `sample ${id}`,
      at: sentAt,
      event: 'sample',
      runId,
      text: `${connection}: ${method} ${path} ${answer} after ${formatDuration(durationMs)}${words}`,
      ...(isError ? { tone: 'bad' } : {}),
      below: [...bodyLine('>', sent), ...bodyLine('<', received)],
      details: {
        connection,
        method,
        path,
        durationMs,
        status: status ?? null,
        isError,
        ...(failure === undefined ? {} : { failure }),
        ...(requestId === undefined ? {} : { requestId }),
        ...(sent === undefined ? {} : { sent: { ...sent } }),
        ...(received === undefined ? {} : { received: { ...received } }),
      },
    };
  });
}

function bodyLine(sign: string, body: SampledBody | undefined): readonly string[] {
  return body === undefined || body.text === '' ? [] : [`${sign} ${body.text}${body.isCut ? ' …' : ''}`];
}
