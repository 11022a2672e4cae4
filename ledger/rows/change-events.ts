import type { JsonObject } from '../../engine/json.ts';
import type { RecordEvent } from '../ledger.ts';
import type { Vault } from '../vault.ts';
import { readPayload } from './payload.ts';
import { readRejection } from './record-row.ts';
import { number, optionalNumber, optionalText, type Row, text } from './row.ts';
import { ARCHIVED, DELETED, PASSED_ON } from './taken-content.ts';

/** A batch, and the requests that it cost, in order. */
export interface BatchRows {
  readonly batch: Row | undefined;
  readonly attempts: readonly Row[];
}

/** The batches that a change was part of, the first one first. */
export function batchesOf(change: Row): readonly string[] {
  return [optionalText(change, 'earlier_batches'), optionalText(change, 'batch_id')].flatMap((ids) => ids?.split(',') ?? []);
}

/** The story of one change: staged, sent in each of its batches, answered, settled. */
export function eventsOfChange(vault: Vault, change: Row, rowsOf: (batchId: string) => BatchRows): readonly RecordEvent[] {
  const tell = teller(text(change, 'run_id'));
  const payload = optionalText(change, 'payload');
  const fields = payload === undefined ? undefined : readPayload(vault, payload).fields;
  const batches = batchesOf(change);
  return [
    tell(
      number(change, 'staged_at'),
      'staged',
      `${text(change, 'kind')} staged in segment ${number(change, 'segment')}`,
      fields === undefined ? {} : { fields },
    ),
    ...batches.flatMap((batchId) => eventsOfBatch(batchId, rowsOf(batchId), tell)),
    ...settled(vault, change, tell, batches.at(-1)),
  ];
}

type Teller = (at: number, event: string, text: string, details?: JsonObject) => RecordEvent;

function teller(runId: string): Teller {
  return (at, event, words, details = {}) => ({ at, runId, event, text: words, details });
}

function eventsOfBatch(batchId: string, { batch, attempts }: BatchRows, tell: Teller): RecordEvent[] {
  const events = attempts.flatMap((attempt) => eventsOfAttempt(batchId, attempt, tell));
  if (batch === undefined) return events;
  if (attempts.length === 0) events.push(tell(number(batch, 'claimed_at'), 'claimed', `taken into batch ${batchId}`, { batchId }));
  const unknownAt = optionalNumber(batch, 'unknown_at');
  const takenOverAt = optionalNumber(batch, 'taken_over_at');
  if (unknownAt !== undefined) events.push(tell(unknownAt, 'unknown', `batch ${batchId}: whether it was applied is not known; it is looked into`, { batchId }));
  if (takenOverAt !== undefined) events.push(tell(takenOverAt, 'taken-over', `batch ${batchId} taken over by a later attempt`, { batchId }));
  return events;
}

function eventsOfAttempt(batchId: string, attempt: Row, tell: Teller): readonly RecordEvent[] {
  const status = optionalNumber(attempt, 'status');
  const requestId = optionalText(attempt, 'request_id');
  const sentAt = number(attempt, 'sent_at');
  const request = `${text(attempt, 'method')} ${text(attempt, 'path')}`;
  const details = { batchId, ...(status === undefined ? {} : { status }), ...(requestId === undefined ? {} : { requestId }) };
  const answer = status === undefined ? `no answer: ${optionalText(attempt, 'failure') ?? 'lost'}` : `answered ${status}`;
  return [
    tell(sentAt, 'sent', `sent in batch ${batchId}: ${request}`, { batchId }),
    tell(optionalNumber(attempt, 'answered_at') ?? sentAt, 'answered', requestId === undefined ? answer : `${answer}, request id ${requestId}`, details),
  ];
}

function settled(vault: Vault, change: Row, tell: Teller, batchId: string | undefined): readonly RecordEvent[] {
  const at = optionalNumber(change, 'settled_at');
  if (at === undefined) return [];
  if (text(change, 'state') === 'dropped') return [tell(at, 'dropped', 'given up before it was sent: a newer version took its place, or its run ended')];
  const outcome = text(change, 'outcome');
  const hash = optionalText(change, 'content_hash');
  if (outcome === 'written' && hash === DELETED) return [tell(at, 'deleted', 'deleted in the target: the source no longer has it')];
  if (outcome === 'written' && hash === ARCHIVED) return [tell(at, 'archived', 'archived in the target: the source no longer has it')];
  const rejection = readRejection(vault, optionalText(change, 'rejection'));
  if (rejection !== undefined)
    return [tell(at, 'rejected', `${rejection.field === undefined ? '' : `${rejection.field}: `}${rejection.message}`, { ...rejection })];
  if (outcome === 'skipped' && optionalText(change, 'hold_reason') === PASSED_ON)
    return [tell(at, 'kept', `kept in the target: key ${vault.readText(text(change, 'note'))} of the source is the same record there`)];
  if (outcome === 'skipped') {
    const isThere = optionalText(change, 'hold_reason') === 'exists';
    return [tell(at, 'skipped', isThere ? 'the target has it already: left as it is' : 'the target does not have it: not created', {})];
  }
  if (outcome === 'held') {
    const note = optionalText(change, 'note');
    const reason = optionalText(change, 'hold_reason') ?? 'held';
    return [tell(at, 'held', note === undefined ? `held: ${reason}` : vault.readText(note), { reason })];
  }
  return [tell(at, outcome, wordsOf(outcome, change, batchId))];
}

function wordsOf(outcome: string, change: Row, batchId: string | undefined): string {
  const targetId = optionalText(change, 'target_id');
  const created = optionalNumber(change, 'created');
  if (outcome === 'written')
    return `${created === undefined ? 'written' : created === 1 ? 'created' : 'updated'}${targetId === undefined ? '' : ` as ${targetId}`}`;
  if (outcome === 'superseded') return 'superseded: a newer version was written before this one was sent';
  return batchId === undefined ? 'unchanged: the target was told the same before this was sent' : 'unchanged: the target has this content';
}
