import type { Sweep } from '../../engine/sweep.ts';
import { NOTHING_SWEPT, sweepOf } from '../rows/sweep-row.ts';
import type { Database } from './database.ts';

export function readSweep(database: Database, runId: string): Sweep | undefined {
  return sweepOf(database.get('SELECT sweep FROM runs WHERE id = ?', runId) ?? {});
}

/** @returns the sweep with what is new about it */
export function writeSweep(database: Database, runId: string, change: Partial<Sweep>): Sweep {
  const sweep = { ...NOTHING_SWEPT, ...readSweep(database, runId), ...change };
  database.run('UPDATE runs SET sweep = ? WHERE id = ?', JSON.stringify(sweep), runId);
  return sweep;
}
