import { compareCursorValues } from '../../engine/cursor-value.ts';
import { OUTCOMES, type Outcome } from '../../engine/outcome.ts';
import type { StagedTextRecord } from '../text-ledger.ts';
import { number, optionalNumber, optionalText, type Row, text } from './row.ts';

/** What the ledger has of a key when a page brings it. */
export interface SeenRecord {
  /** Met in this run already: on an earlier page, or earlier on this one. */
  readonly isOfThisRun: boolean;
  readonly disposition: string;
  readonly reason: string | undefined;
  /** Of this run, its latest. */
  readonly change: SeenChange | undefined;
  readonly lastOutcome: string | undefined;
  readonly rejectedHash: string | undefined;
  /** What the target was told last, by any run. */
  readonly toldHash: string | undefined;
}

export interface SeenChange {
  readonly id: number;
  readonly state: string;
  readonly contentHash: string;
  readonly outcome: string | undefined;
  readonly created: number | undefined;
  readonly sourceVersion: string | undefined;
  readonly observedAt: number;
}

/** A sighting, the latest change of this run and the refusal that are known of a key. */
export function readSeenRecord(row: Row): SeenRecord {
  const id = optionalNumber(row, 'id');
  return {
    isOfThisRun: number(row, 'is_of_this_run') === 1,
    disposition: text(row, 'disposition'),
    reason: optionalText(row, 'reason'),
    change:
      id === undefined
        ? undefined
        : {
            id,
            state: text(row, 'state'),
            contentHash: text(row, 'content_hash'),
            outcome: optionalText(row, 'outcome'),
            created: optionalNumber(row, 'created'),
            sourceVersion: optionalText(row, 'source_version'),
            observedAt: number(row, 'observed_at'),
          },
    lastOutcome: optionalText(row, 'last_outcome'),
    rejectedHash: optionalText(row, 'rejected_hash'),
    toldHash: optionalText(row, 'told_hash'),
  };
}

/** Whether a later page of the same run says nothing that this run has not decided already. */
export function isNothingNew(record: StagedTextRecord, { disposition, change, rejectedHash, toldHash }: SeenRecord): boolean {
  if (change === undefined) return record.disposition === disposition && (record.disposition !== 'rejected' || record.contentHash === rejectedHash);
  // What this run has written, another may have gone over since.
  const isAsTold = change.outcome !== 'written' || toldHash === change.contentHash;
  if (record.disposition === 'change') return change.contentHash === record.change.contentHash && isAsTold;
  // Nothing tells what the record holds: while its change is under way, or told, there is nothing better to send.
  return record.disposition === 'unchanged' && (change.state === 'sending' || change.outcome === 'written' || change.outcome === 'unchanged');
}

/** Pages that are read side by side come in any order: what is planned of a newer one stays. */
export function isOlder(record: StagedTextRecord, observedAt: number, { change }: SeenRecord): boolean {
  if (change?.state !== 'planned') return false;
  const version = record.disposition === 'change' ? record.change.sourceVersion : undefined;
  const byVersion = version === undefined || change.sourceVersion === undefined ? 0 : compareCursorValues(version, change.sourceVersion);
  return byVersion < 0 || (byVersion === 0 && Math.round(observedAt) < change.observedAt);
}

export function asOutcome(name: string): Outcome {
  const outcome = OUTCOMES.find((known) => known === name);
  if (outcome === undefined) throw new Error(`not an outcome: ${name}`);
  return outcome;
}
