import { isJsonObject, type Json } from '../../engine/json.ts';
import type { Page } from '../ports.ts';
import { otherKind } from './parents-place.ts';
import type { PageRead } from './walk-pages.ts';

/** Reads several lists one after the other, as one; the cursor says which, and where in it. */
export function walkInTurn(walks: readonly ((read: PageRead) => Promise<Page>)[]): (read: PageRead) => Promise<Page> {
  return async (reading) => {
    const { turn, cursor } = readTurn(reading.cursor);
    const walk = walks[turn];
    if (walk === undefined) throw otherKind();
    const { total: _, ...page } = await walk({ ...reading, cursor });
    if (page.next !== undefined) return { ...page, next: { turn, cursor: page.next } };
    return { ...page, next: turn + 1 < walks.length ? { turn: turn + 1 } : undefined };
  };
}

function readTurn(cursor: Json | undefined): { readonly turn: number; readonly cursor: Json | undefined } {
  if (cursor === undefined) return { turn: 0, cursor };
  if (!isJsonObject(cursor) || typeof cursor['turn'] !== 'number') throw otherKind();
  return { turn: cursor['turn'], cursor: cursor['cursor'] };
}
