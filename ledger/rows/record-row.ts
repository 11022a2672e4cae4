import { z } from 'zod';
import type { Rejection } from '../../engine/errors.ts';
import { OUTCOMES } from '../../engine/outcome.ts';
import type { RecordState } from '../ledger.ts';
import type { Vault } from '../vault.ts';
import { readPayload } from './payload.ts';
import { defined, optionalNumber, optionalText, type Row, text } from './row.ts';

const rejectionSchema = z.object({
  reason: z.string(),
  message: z.string(),
  field: z.string().optional(),
  apiCode: z.string().optional(),
  retry: z.enum(['never', 'later']),
});

export function readRejection(vault: Vault, stored: string | undefined): Rejection | undefined {
  return stored === undefined ? undefined : defined(rejectionSchema.parse(vault.read(stored)));
}

export function readRecordRow(vault: Vault, row: Row): RecordState {
  const payload = optionalText(row, 'payload');
  const told = payload === undefined ? undefined : readPayload(vault, payload);
  const outcome = optionalText(row, 'last_outcome');
  return defined({
    key: text(row, 'key'),
    targetId: optionalText(row, 'target_id'),
    contentHash: optionalText(row, 'content_hash'),
    match: told?.match,
    fields: told?.fields,
    kept: told?.kept,
    sourceVersion: optionalText(row, 'source_version'),
    lastOutcome: OUTCOMES.find((known) => known === outcome),
    rejectedHash: optionalText(row, 'rejected_hash'),
    rejection: readRejection(vault, optionalText(row, 'rejection')),
    retryAt: optionalNumber(row, 'retry_at'),
    hasUnknown: row['has_unknown'] === 1,
  });
}
