import type { ChangeOutcome, ClaimedBatch, StagedRecord } from '../ledger/ledger.ts';
import type { ActivityDependencies } from './dependencies.ts';

/** Told what becomes of records, for metrics: sums of a page or a batch. */
export interface StepMeter {
  countRecords(sync: string, operation: string, outcome: string, records: number): void;
}

type Metered = Pick<ActivityDependencies, 'meter'>;

/** What a page decided by itself: changes are counted when they are settled. */
export function meterPage({ meter }: Metered, sync: string, records: readonly StagedRecord[]): void {
  if (meter === undefined) return;
  const counts = new Map<string, number>();
  for (const { disposition } of records) counts.set(disposition, (counts.get(disposition) ?? 0) + 1);
  counts.delete('change');
  for (const [outcome, count] of counts) meter.countRecords(sync, 'read', outcome, count);
}

/** What became of a batch; what is to be sent again has no outcome yet. */
export function meterBatch({ meter }: Metered, sync: string, kind: ClaimedBatch['kind'], outcomes: readonly ChangeOutcome[]): void {
  if (meter === undefined) return;
  const counts = new Map<string, number>();
  for (const { outcome } of outcomes) counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
  counts.delete('again');
  for (const [outcome, count] of counts) meter.countRecords(sync, kind, outcome, count);
}
