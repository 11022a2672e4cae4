import type { Sweep } from '../../engine/sweep.ts';
import { NOTHING_SWEPT, sweepOf } from '../rows/sweep-row.ts';
import type { Session } from './session.ts';

/** The run's row is held by this transaction from here on. */
export async function holdSweep(session: Session, runId: string): Promise<Sweep | undefined> {
  return sweepOf((await session.get('SELECT sweep FROM runs WHERE id = $1 FOR UPDATE', runId)) ?? {});
}

/** @returns the sweep with what is new about it */
export async function writeSweep(session: Session, runId: string, change: Partial<Sweep>): Promise<Sweep> {
  const sweep = { ...NOTHING_SWEPT, ...(await holdSweep(session, runId)), ...change };
  await session.run('UPDATE runs SET sweep = $2 WHERE id = $1', runId, JSON.stringify(sweep));
  return sweep;
}
