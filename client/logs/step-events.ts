import type { LoggedBatch, LoggedRecord, LoggedRequest, LoggedSegment, RunLog } from '../../ledger/ledger.ts';
import { formatCount } from '../output/numbers.ts';
import { plural } from '../output/text.ts';
import { formatDuration } from '../output/times.ts';
import type { LogEvent } from './log-event.ts';

/** What happened in a run: its segments, its troubles with requests, its records that were not written. */
export function stepEvents(runId: string, { segments, requests, batches, records }: RunLog): readonly LogEvent[] {
  return [
    ...segments.map((segment) => segmentEvent(runId, segment)),
    ...requests.map((request) => requestEvent(runId, request)),
    ...batches.map((batch) => batchEvent(runId, batch)),
    ...records.map((record) => recordEvent(runId, record)),
  ];
}

function segmentEvent(runId: string, { index, state, isSweep, openedAt, ...counts }: LoggedSegment): LogEvent {
  const name = isSweep ? 'deletes' : `segment ${index + 1}`;
  const { records, pages, requests, retries, throttled } = counts;
  const costs = [
    ...(isSweep ? [] : [`${plural(records, 'record')} in ${plural(pages, 'page')}`]),
    plural(requests, 'request'),
    ...(retries === 0 ? [] : [`${formatCount(retries)} repeated`]),
    ...(throttled === 0 ? [] : [`${formatCount(throttled)} answered 429`]),
  ];
  const text = state === 'open' ? `${name} begins` : `${name}${state === 'aborted' ? ' was broken off' : ''}: ${costs.join(', ')}`;
  return { id: `segment ${runId} ${index}`, at: openedAt, event: 'segment', runId, text, details: { segment: index + 1, state, ...counts } };
}

function requestEvent(runId: string, request: LoggedRequest): LogEvent {
  const { batchId, attempt, sentAt, answeredAt, status, failure, requestId, method, path, kind, records, segment } = request;
  const isRefused = status === undefined || status >= 400;
  const answer = status === undefined ? `had no answer: ${failure ?? 'lost'}` : `was answered ${status}`;
  const took = answeredAt === undefined ? '' : ` after ${formatDuration(answeredAt - sentAt)}`;
  const words = `${kind} of ${plural(records, 'record')}${attempt === 1 ? '' : `, attempt ${attempt}`}${requestId === undefined ? '' : `, request id ${requestId}`}`;
  return {
    id: `request ${batchId} ${attempt}`,
    at: answeredAt ?? sentAt,
    event: status === undefined ? 'no-answer' : isRefused ? 'refused' : 'repeated',
    runId,
    text: `${method} ${path} ${answer}${took} (${words})`,
    ...(isRefused ? { tone: status === 429 ? 'warning' : 'bad' } : {}),
    details: {
      batchId,
      attempt,
      method,
      path,
      records,
      segment: segment + 1,
      status: status ?? null,
      ...(failure === undefined ? {} : { failure }),
      ...(requestId === undefined ? {} : { requestId }),
      ...(answeredAt === undefined ? {} : { durationMs: answeredAt - sentAt }),
    },
  };
}

function batchEvent(runId: string, { batchId, at, what, records, segment }: LoggedBatch): LogEvent {
  const text =
    what === 'unknown'
      ? `whether ${plural(records, 'record')} of batch ${batchId} ${records === 1 ? 'was' : 'were'} written is not known; it is looked into`
      : `batch ${batchId} of ${plural(records, 'record')} is taken over from a writer that is gone`;
  const event = what === 'unknown' ? 'lost' : 'taken-over';
  return { id: `${event} ${batchId}`, at, event, runId, text, tone: 'warning', details: { batchId, records, segment: segment + 1 } };
}

function recordEvent(runId: string, { at, key, outcome, reason, rejection, note }: LoggedRecord): LogEvent {
  const field = rejection?.field === undefined ? '' : `${rejection.field}: `;
  const why = rejection === undefined ? [reason, note].filter((words) => words !== undefined).join(': ') : `${field}${rejection.message}`;
  return {
    id: `record ${runId} ${outcome} ${key} ${at}`,
    at,
    event: outcome,
    runId,
    text: `key ${key}: ${why}${rejection?.apiCode === undefined ? '' : ` (${rejection.apiCode})`}`,
    tone: outcome === 'rejected' ? 'bad' : outcome === 'held' ? 'warning' : 'good',
    details: {
      key,
      ...(reason === undefined ? {} : { reason }),
      ...(note === undefined ? {} : { note }),
      ...(rejection === undefined ? {} : { rejection: { ...rejection } }),
    },
  };
}
