import { number } from '../rows/row.ts';
import { SIDE_SEGMENT, type SideSegment } from '../rows/side-segment.ts';
import type { Database } from './database.ts';

const OPEN = `
  INSERT INTO segments (run_id, idx, state, is_last, max_cursor_value, opened_at, is_sweep)
  SELECT run_id, idx + 1, 'complete', 1, max_cursor_value, ?2, ?3 FROM segments WHERE run_id = ?1 ORDER BY idx DESC LIMIT 1 RETURNING idx`;

/** A segment of its own behind those that were read, closed: a writer takes from it what is staged. @returns its index */
export function openSideSegment(database: Database, runId: string, kind: SideSegment, at: number): number {
  return number(database.get(OPEN, runId, at, SIDE_SEGMENT[kind]) ?? {}, 'idx');
}

export function findSideSegment(database: Database, runId: string, kind: SideSegment): number | undefined {
  const known = database.get('SELECT idx FROM segments WHERE run_id = ? AND is_sweep = ?', runId, SIDE_SEGMENT[kind]);
  return known === undefined ? undefined : number(known, 'idx');
}
