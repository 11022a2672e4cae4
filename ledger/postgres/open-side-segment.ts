import { number } from '../rows/row.ts';
import { SIDE_SEGMENT, type SideSegment } from '../rows/side-segment.ts';
import type { Session } from './session.ts';

const OPEN = `
  INSERT INTO segments (run_id, idx, state, is_last, max_cursor_value, opened_at, is_sweep)
  SELECT run_id, idx + 1, 'complete', 1, max_cursor_value, $2::bigint, $3::smallint FROM segments WHERE run_id = $1 ORDER BY idx DESC LIMIT 1 RETURNING idx`;

/** A segment of its own behind those that were read, closed: a writer takes from it what is staged. @returns its index */
export async function openSideSegment(session: Session, runId: string, kind: SideSegment, at: number): Promise<number> {
  return number((await session.get(OPEN, runId, at, SIDE_SEGMENT[kind])) ?? {}, 'idx');
}

export async function findSideSegment(session: Session, runId: string, kind: SideSegment): Promise<number | undefined> {
  const known = await session.get('SELECT idx FROM segments WHERE run_id = $1 AND is_sweep = $2', runId, SIDE_SEGMENT[kind]);
  return known === undefined ? undefined : number(known, 'idx');
}
