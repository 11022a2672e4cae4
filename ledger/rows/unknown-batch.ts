import type { UnknownBatch } from '../ledger.ts';
import { readBatchJob } from './batch-job.ts';
import { readKind } from './claimed-change.ts';
import { number, optionalNumber, type Row, text } from './row.ts';

export function readUnknownBatch(row: Row): UnknownBatch {
  const endedAt = optionalNumber(row, 'ended_at');
  return {
    id: text(row, 'id'),
    runId: text(row, 'run_id'),
    kind: readKind(row),
    size: number(row, 'size'),
    state: text(row, 'state') === 'unknown' ? 'unknown' : 'sending',
    claimedAt: number(row, 'claimed_at'),
    sendBy: number(row, 'send_by'),
    isPart: number(row, 'is_part') === 1,
    token: text(row, 'token'),
    ...(endedAt === undefined ? {} : { endedAt }),
    ...readBatchJob(row),
  };
}
