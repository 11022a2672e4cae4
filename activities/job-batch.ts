import type { Target } from '../connectors/ports.ts';
import type { BatchJob, UnknownBatch } from '../ledger/ledger.ts';

/** From claim to the first byte: a stalled attempt that wakes up later sends nothing. */
const SEND_WITHIN_MS = 2_000;
/** Thousands of records take their time to be claimed and written down. */
const MANY = 1_000;
const SEND_MANY_WITHIN_MS = 60_000;

/** @param size the most records of the batch */
export function sendWithinMs(size: number): number {
  return size > MANY ? SEND_MANY_WITHIN_MS : SEND_WITHIN_MS;
}

type Batch = Pick<UnknownBatch, 'kind'> & { readonly size: number; readonly job?: BatchJob };

/** Whether a batch is written by a job: it has one, or is larger than a request may be. */
export function isByJob(target: Target, { kind, size, job }: Batch): boolean {
  const ability = target.abilities[kind];
  return ability?.jobs !== undefined && (job !== undefined || size > ability.maxRecords);
}

/** Whether nothing of a batch without an answer can have been applied: it goes by a job that nobody has begun. */
export function neverBegan(target: Target, batch: Batch): boolean {
  const jobs = target.abilities[batch.kind]?.jobs;
  if (!isByJob(target, batch) || jobs?.beginsWith !== 'close') return false;
  return batch.job === undefined || batch.job.state === 'open';
}
