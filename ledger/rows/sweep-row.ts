import { z } from 'zod';
import { SWEEP_REASONS, SWEEP_STATES, type Sweep } from '../../engine/sweep.ts';
import { defined, json, type Row } from './row.ts';

const sweepSchema = z.object({
  state: z.enum(SWEEP_STATES),
  reason: z.enum(SWEEP_REASONS).optional(),
  due: z.number(),
  known: z.number(),
  extra: z.number(),
  unconfirmed: z.number(),
  shared: z.number().default(0),
});

export const NOTHING_SWEPT: Sweep = { state: 'looking', due: 0, known: 0, extra: 0, unconfirmed: 0, shared: 0 };

export function sweepOf(row: Row): Sweep | undefined {
  const stored = json(row, 'sweep');
  return stored === undefined ? undefined : defined(sweepSchema.parse(stored));
}
