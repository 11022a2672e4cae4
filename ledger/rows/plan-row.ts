import { z } from 'zod';
import type { PlannedRecord } from '../../engine/as-planned.ts';
import type { RunEnd } from '../plan-store.ts';
import { defined, number, optionalText, type Row, text } from './row.ts';

const actionSchema = z.enum(['create', 'update', 'delete', 'archive']);
const keysSchema = z.array(z.string());

/** Keys told of each end. */
export const SAMPLES = 5;

export function readPlannedRecord(row: Row): PlannedRecord {
  return defined({ action: actionSchema.parse(row['action']), contentHash: text(row, 'content_hash'), shownHash: optionalText(row, 'shown_hash') });
}

/** @param row `found`, `count`, and `keys` as JSON */
export function readRunEnd(row: Row): RunEnd {
  return { found: text(row, 'found'), count: number(row, 'count'), sampleKeys: keysSchema.parse(JSON.parse(text(row, 'keys'))) };
}
