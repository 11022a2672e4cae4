import type { AwaitedReferences, RecordEvent, RecordHistory } from '../ledger.ts';
import type { Vault } from '../vault.ts';
import { type BatchRows, eventsOfChange } from './change-events.ts';
import { readRecordRow, readRejection } from './record-row.ts';
import { number, optionalNumber, optionalText, type Row, text } from './row.ts';

/** All that a store has of one record. */
export interface RecordRows {
  readonly sighting: Row;
  readonly record: Row | undefined;
  readonly changes: readonly Row[];
  readonly verdicts: readonly Row[];
  readonly awaits: AwaitedReferences['references'];
  readonly rowsOf: (batchId: string) => BatchRows;
}

/** The whole story of one record, oldest first; see `RecordStore.readHistory`. */
export function tellStory(vault: Vault, { sighting, record, changes, verdicts, awaits, rowsOf }: RecordRows): RecordHistory {
  const told = [...verdicts.map((verdict) => eventOfVerdict(vault, verdict)), ...changes.flatMap((change) => eventsOfChange(vault, change, rowsOf))];
  return {
    state: record === undefined ? { key: text(sighting, 'key'), hasUnknown: false } : readRecordRow(vault, record),
    firstSeenAt: number(sighting, 'first_seen_at'),
    lastSeenAt: number(sighting, 'last_seen_at'),
    lastSeenRun: text(sighting, 'last_run'),
    ...(awaits.length === 0 ? {} : { awaits }),
    events: [firstSeen(sighting), ...[...told, ...lastSeen(sighting)].toSorted((one, other) => one.at - other.at)],
  };
}

function firstSeen(sighting: Row): RecordEvent {
  return { at: number(sighting, 'first_seen_at'), runId: text(sighting, 'first_run'), event: 'first-seen', text: 'read for the first time', details: {} };
}

/** Reads that brought nothing new are no events of their own: the last of them ends their range. */
function lastSeen(sighting: Row): readonly RecordEvent[] {
  const at = number(sighting, 'last_seen_at');
  if (at === number(sighting, 'first_seen_at') || optionalNumber(sighting, 'change_id') !== undefined) return [];
  const words: Readonly<Record<string, string>> = {
    unchanged: 'read again and unchanged since: nothing to send',
    skipped: `read again, still left out (${optionalText(sighting, 'reason') ?? 'filter'})`,
    rejected: 'read again, still rejected for the same content',
    held: 'read again, still held',
  };
  const disposition = text(sighting, 'disposition');
  return [
    {
      at,
      runId: text(sighting, 'last_run'),
      event: 'last-seen',
      text: words[disposition] ?? 'read again',
      details: { segment: number(sighting, 'last_segment') },
    },
  ];
}

function eventOfVerdict(vault: Vault, verdict: Row): RecordEvent {
  const disposition = text(verdict, 'disposition');
  const at = number(verdict, 'at');
  const runId = text(verdict, 'run_id');
  const detail = optionalText(verdict, 'detail');
  const reason = optionalText(verdict, 'reason') ?? disposition;
  if (disposition === 'rejected') {
    const rejection = readRejection(vault, detail);
    const words = `${rejection?.field === undefined ? '' : `${rejection.field}: `}${rejection?.message ?? reason}; nothing was sent`;
    return { at, runId, event: 'rejected', text: words, details: { ...rejection } };
  }
  if (disposition === 'resolved')
    return { at, runId, event: 'resolved', text: detail === undefined ? reason : vault.readText(detail), details: { as: reason } };
  if (disposition === 'skipped') return { at, runId, event: 'skipped', text: `left out from here on (${reason})`, details: {} };
  return { at, runId, event: 'held', text: detail === undefined ? `held: ${reason}` : vault.readText(detail), details: { reason } };
}
