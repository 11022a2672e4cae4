import { isJsonObject, type Json } from '../../engine/json.ts';
import type { SourceRecord } from '../ports.ts';
import type { PageCursor } from './page-cursor.ts';
import { seamAfter, stepBack } from './page-seam.ts';

/** The offset of a cursor of such a walk. */
export function offsetOf({ at }: PageCursor): number {
  return isJsonObject(at) && typeof at['at'] === 'number' ? at['at'] : 0;
}

/** How often such a walk begins anew before its pages are joined no more: a list that changes that much, or keeps no order. */
const MOST_NEW_BEGINNINGS = 3;

/** The place of the next page, moved so that it repeats the end of this one. */
export function overlapping({ seam: _, ...next }: PageCursor, records: readonly SourceRecord[]): PageCursor {
  if (next.isLoose === true) return { ...next, at: moved(next.at, lackingOf(next.at, records)) };
  const seam = seamAfter(records);
  return seam === undefined ? next : { ...next, at: moved(next.at, -seam.overlap), seam };
}

/** What a page has less than the first: where an API takes whole pages as offsets only, those are counted, too. */
function lackingOf(at: Json, records: readonly SourceRecord[]): number {
  const first = isJsonObject(at) && typeof at['first'] === 'number' ? at['first'] : 0;
  return Math.max(0, first - records.length);
}

/** At the first page again: nothing of the page before is left, up to the very beginning. */
export function begunAnew({ anew = 0, walk: { pages } }: PageCursor): PageCursor {
  const isLoose = anew + 1 > MOST_NEW_BEGINNINGS;
  return { at: { at: 0, read: 0 }, walk: { pages, records: 0 }, anew: anew + 1, ...(isLoose ? { isLoose } : {}) };
}

/** The place without its overlap: the API takes no such offset. */
export function loosened(cursor: PageCursor): PageCursor {
  const { seam, ...rest } = cursor;
  return { ...rest, at: moved(cursor.at, seam?.overlap ?? 0), isLoose: true };
}

/** Further up, where the end of the page before has gone. */
export function furtherUp(cursor: PageCursor): PageCursor {
  if (cursor.seam === undefined) return cursor;
  const { by, seam } = stepBack(cursor.seam);
  return { ...cursor, at: moved(cursor.at, -by), seam };
}

/** Down again from a page further up that had nothing new: the end of the page before stood at its own end. */
export function furtherDown(cursor: PageCursor, records: readonly SourceRecord[]): PageCursor {
  return overlapping({ ...cursor, at: moved(cursor.at, records.length) }, records);
}

function moved(at: Json, by: number): Json {
  return isJsonObject(at) && typeof at['at'] === 'number' ? { ...at, at: Math.max(0, at['at'] + by) } : at;
}
