import type { JsonObject } from '../../engine/json.ts';
import type { RecordEvent, RecordHistory } from '../ledger.ts';
import type { Vault } from '../vault.ts';
import type { Database, Row } from './database.ts';
import { readObject, readRecordRow, readRejection } from './record-row.ts';
import { json, number, optionalNumber, optionalText, text } from './row.ts';

/** The whole story of one record, oldest first; see `RecordStore.readHistory`. */
export function readHistory(
  database: Database,
  vault: Vault,
  scope: string,
  by: { readonly key: string } | { readonly match: string },
): RecordHistory | undefined {
  const key = 'key' in by ? by.key : keyOfMatch(database, scope, by.match);
  if (key === undefined) return undefined;
  const sighting = database.get('SELECT * FROM sightings WHERE scope = ? AND key = ?', scope, key);
  const record = database.get('SELECT * FROM records WHERE scope = ? AND key = ?', scope, key);
  if (sighting === undefined) return undefined;
  const changes = database.all('SELECT * FROM changes WHERE scope = ? AND key = ? ORDER BY id', scope, key);
  const firstSeenAt = number(sighting, 'first_seen_at');
  const lastSeenAt = number(sighting, 'last_seen_at');
  const events = [
    event(firstSeenAt, changes[0] === undefined ? text(sighting, 'last_run') : text(changes[0], 'run_id'), 'first-seen', 'read for the first time'),
    ...changes.flatMap((change) => eventsOfChange(database, vault, change)),
    ...lastSighting(sighting, record),
  ];
  return {
    state: record === undefined ? { key, hasUnknown: false } : readRecordRow(vault, record),
    firstSeenAt,
    lastSeenAt,
    lastSeenRun: text(sighting, 'last_run'),
    events: events.toSorted((one, other) => one.at - other.at),
  };
}

function keyOfMatch(database: Database, scope: string, match: string): string | undefined {
  const row =
    database.get('SELECT key FROM records WHERE scope = ? AND match = ?', scope, match) ??
    database.get('SELECT key FROM changes WHERE scope = ? AND match = ? ORDER BY id DESC LIMIT 1', scope, match);
  return row === undefined ? undefined : text(row, 'key');
}

function eventsOfChange(database: Database, vault: Vault, change: Row): RecordEvent[] {
  const runId = text(change, 'run_id');
  const fields = optionalText(change, 'fields');
  const details: JsonObject = fields === undefined ? {} : { fields: readObject(vault, fields) };
  const batches = [
    ...(optionalText(change, 'earlier_batches')?.split(',') ?? []),
    ...(optionalText(change, 'batch_id') === undefined ? [] : [text(change, 'batch_id')]),
  ];
  return [
    event(number(change, 'staged_at'), runId, 'staged', `${text(change, 'kind')} staged in segment ${number(change, 'segment')}`, details),
    ...batches.flatMap((batchId) => eventsOfBatch(database, runId, batchId)),
    ...settledEvent(runId, change),
  ];
}

function eventsOfBatch(database: Database, runId: string, batchId: string): RecordEvent[] {
  return database.all('SELECT * FROM attempts WHERE batch_id = ? ORDER BY n', batchId).flatMap((attempt) => {
    const request = `${text(attempt, 'method')} ${text(attempt, 'path')}`;
    const status = optionalNumber(attempt, 'status');
    const requestId = optionalText(attempt, 'request_id');
    const answer =
      status === undefined
        ? `no answer: ${optionalText(attempt, 'failure') ?? 'lost'}`
        : `answered ${status}${requestId === undefined ? '' : `, request id ${requestId}`}`;
    return [
      event(number(attempt, 'sent_at'), runId, 'sent', `sent in batch ${batchId}: ${request}`, { batchId }),
      event(optionalNumber(attempt, 'answered_at') ?? number(attempt, 'sent_at'), runId, 'answered', answer, {
        batchId,
        ...(status === undefined ? {} : { status }),
      }),
    ];
  });
}

function settledEvent(runId: string, change: Row): RecordEvent[] {
  const at = optionalNumber(change, 'settled_at');
  if (at === undefined)
    return text(change, 'state') === 'sending' ? [event(number(change, 'staged_at') + 1, runId, 'unknown', 'sent, and not answered yet')] : [];
  if (text(change, 'state') === 'dropped') return [event(at, runId, 'dropped', 'given up before it was sent: replaced by a newer version, or its run ended')];
  const outcome = text(change, 'outcome');
  const targetId = optionalText(change, 'target_id');
  const rejection = readRejection(json(change, 'rejection'));
  if (rejection !== undefined)
    return [event(at, runId, 'rejected', `${rejection.field === undefined ? '' : `${rejection.field}: `}${rejection.message}`, { ...rejection })];
  if (outcome === 'held') return [event(at, runId, 'held', optionalText(change, 'note') ?? 'held')];
  const done = outcome === 'written' ? (change['created'] === 1 ? 'created' : change['created'] === 0 ? 'updated' : 'written') : outcome;
  return [event(at, runId, outcome, `${done}${targetId === undefined || outcome !== 'written' ? '' : ` as ${targetId}`}`)];
}

/** What the last read said where it staged nothing: unchanged, filtered, or refused before it was sent. */
function lastSighting(sighting: Row, record: Row | undefined): RecordEvent[] {
  if (optionalNumber(sighting, 'change_id') !== undefined) return [];
  const disposition = text(sighting, 'disposition');
  const rejection = record === undefined ? undefined : readRejection(json(record, 'rejection'));
  const words: Readonly<Record<string, string>> = {
    unchanged: 'read again, unchanged: nothing was sent',
    skipped: `left out by the ${optionalText(sighting, 'note') ?? 'filter'}`,
    rejected: rejection === undefined ? 'rejected' : `${rejection.field === undefined ? '' : `${rejection.field}: `}${rejection.message}`,
    held: optionalText(sighting, 'note') ?? 'held',
  };
  return [event(number(sighting, 'last_seen_at'), text(sighting, 'last_run'), disposition, words[disposition] ?? disposition)];
}

function event(at: number, runId: string, name: string, sentence: string, details: JsonObject = {}): RecordEvent {
  return { at, runId, event: name, text: sentence, details };
}
