import { CHANGE_KINDS } from '../../engine/outcome.ts';
import type { LoggedBatch, LoggedRecord, LoggedRequest, LoggedSegment, RunLog } from '../log-store.ts';
import type { Vault } from '../vault.ts';
import { readRejection } from './record-row.ts';
import { defined, number, optionalNumber, optionalText, type Row, text } from './row.ts';

const OUTCOMES = ['rejected', 'held', 'resolved'] as const;

export const NO_LOG: RunLog = { segments: [], requests: [], batches: [], records: [] };

export function readLoggedSegment(row: Row): LoggedSegment {
  return {
    index: number(row, 'idx'),
    state: text(row, 'state'),
    isSweep: row['is_sweep'] === 1,
    openedAt: number(row, 'opened_at'),
    pages: number(row, 'pages'),
    records: number(row, 'records'),
    requests: number(row, 'requests'),
    retries: number(row, 'retries'),
    throttled: number(row, 'throttled'),
  };
}

export function readLoggedRequest(row: Row): LoggedRequest {
  const kind = CHANGE_KINDS.find((one) => one === row['kind']);
  if (kind === undefined) throw new Error('a batch is of no known kind');
  return defined({
    batchId: text(row, 'batch_id'),
    attempt: number(row, 'n') + 1,
    sentAt: number(row, 'sent_at'),
    answeredAt: optionalNumber(row, 'answered_at'),
    status: optionalNumber(row, 'status'),
    failure: optionalText(row, 'failure'),
    requestId: optionalText(row, 'request_id'),
    method: text(row, 'method'),
    path: text(row, 'path'),
    kind,
    segment: number(row, 'segment'),
    records: number(row, 'size'),
  });
}

export function readLoggedBatch(row: Row): LoggedBatch {
  return {
    batchId: text(row, 'id'),
    at: number(row, 'at'),
    what: text(row, 'what') === 'unknown' ? 'unknown' : 'taken-over',
    segment: number(row, 'segment'),
    records: number(row, 'size'),
  };
}

/** Of a change or of what reading decided: `what` tells which columns `reason` and `note` mean. */
export function readLoggedRecord(vault: Vault, row: Row): LoggedRecord {
  const outcome = OUTCOMES.find((one) => one === row['outcome']) ?? 'rejected';
  const note = optionalText(row, 'note');
  return defined({
    at: number(row, 'at'),
    key: text(row, 'key'),
    outcome,
    reason: outcome === 'rejected' ? undefined : optionalText(row, 'reason'),
    rejection: outcome === 'rejected' ? readRejection(vault, note) : undefined,
    note: outcome === 'rejected' || note === undefined ? undefined : vault.readText(note),
  });
}
