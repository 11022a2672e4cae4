import { z } from 'zod';
import type { PlannedRecord } from '../../engine/as-planned.ts';
import type { PlanEnd } from '../plan-store.ts';
import { defined, number, optionalText, type Row, text } from './row.ts';

const actionSchema = z.enum(['create', 'update', 'delete', 'archive']);
const keysSchema = z.array(z.string());

/** Keys told of each end that is not the planned one. */
export const SAMPLES = 5;

export function readPlannedRecord(row: Row): PlannedRecord {
  return defined({ action: actionSchema.parse(row['action']), contentHash: text(row, 'content_hash'), shownHash: optionalText(row, 'shown_hash') });
}

/** @param counted how the records of a plan ended, most first: `found`, `count`, and `keys` as JSON */
export function readPlanEnd(counted: readonly Row[]): PlanEnd {
  const ends = counted.map((row) => ({ found: text(row, 'found'), count: number(row, 'count'), sampleKeys: keysSchema.parse(JSON.parse(text(row, 'keys'))) }));
  return { done: ends.find(({ found }) => found === 'done')?.count ?? 0, others: ends.filter(({ found }) => found !== 'done') };
}
