import { z } from 'zod';
import { SWEEP_REASONS, SWEEP_STATES, type Sweep } from '../../engine/sweep.ts';
import type { Database, Row } from './database.ts';
import { defined, json } from './row.ts';

const sweepSchema = z.object({
  state: z.enum(SWEEP_STATES),
  reason: z.enum(SWEEP_REASONS).optional(),
  due: z.number(),
  known: z.number(),
  extra: z.number(),
  unconfirmed: z.number(),
});

const NOTHING_YET: Sweep = { state: 'looking', due: 0, known: 0, extra: 0, unconfirmed: 0 };

export function sweepOf(row: Row): Sweep | undefined {
  const stored = json(row, 'sweep');
  return stored === undefined ? undefined : defined(sweepSchema.parse(stored));
}

export function readSweep(database: Database, runId: string): Sweep | undefined {
  return sweepOf(database.get('SELECT sweep FROM runs WHERE id = ?', runId) ?? {});
}

/** @returns the sweep with what is new about it */
export function writeSweep(database: Database, runId: string, change: Partial<Sweep>): Sweep {
  const sweep = { ...NOTHING_YET, ...readSweep(database, runId), ...change };
  database.run('UPDATE runs SET sweep = ? WHERE id = ?', JSON.stringify(sweep), runId);
  return sweep;
}
