import { z } from 'zod';
import type { Rejection } from '../../engine/errors.ts';
import type { Json, JsonObject } from '../../engine/json.ts';
import { OUTCOMES } from '../../engine/outcome.ts';
import type { RecordState } from '../ledger.ts';
import type { Vault } from '../vault.ts';
import type { Row } from './database.ts';
import { defined, json, number, optionalNumber, optionalText, text } from './row.ts';

const rejectionSchema = z.object({
  reason: z.string(),
  message: z.string(),
  field: z.string().optional(),
  apiCode: z.string().optional(),
  retry: z.enum(['never', 'later']),
});

export function readRejection(value: Json | undefined): Rejection | undefined {
  return value === undefined ? undefined : defined(rejectionSchema.parse(value));
}

export function readRecordRow(vault: Vault, row: Row): RecordState {
  const fields = optionalText(row, 'fields');
  const outcome = optionalText(row, 'last_outcome');
  return defined({
    key: text(row, 'key'),
    targetId: optionalText(row, 'target_id'),
    contentHash: optionalText(row, 'content_hash'),
    match: optionalText(row, 'match'),
    fields: fields === undefined ? undefined : readObject(vault, fields),
    sourceVersion: optionalText(row, 'source_version'),
    lastOutcome: outcome === undefined ? undefined : z.enum(OUTCOMES).parse(outcome),
    rejectedHash: optionalText(row, 'rejected_hash'),
    rejection: readRejection(json(row, 'rejection')),
    retryAt: optionalNumber(row, 'retry_at'),
    hasUnknown: number(row, 'has_unknown') === 1,
  });
}

export function readObject(vault: Vault, stored: string): JsonObject {
  return z.record(z.string(), z.json()).parse(vault.read(stored));
}
