import { SyncError } from '../engine/errors.ts';
import { isJsonObject, type Json } from '../engine/json.ts';

/** Empty pages in a row, each with more promised, before the promise is no longer believed. */
const MOST_EMPTY_PAGES = 1_000;

/** What the answer to a page gave. */
export interface PageFacts {
  readonly records: number;
  /** The evaluated cursor, next address or last key. */
  readonly next?: Json | undefined;
  readonly hasMore?: boolean | undefined;
  /** Records in all. */
  readonly total?: number | undefined;
  readonly totalPages?: number | undefined;
  /** The address that gave this page: a relative next address is relative to it. */
  readonly requestUrl?: string | undefined;
}

/** A place in a list that is walked by number or key, and what ends the walk. JSON, kept with the run. */
export interface ListPlace {
  /** The page, the offset, or the key after which to go on. */
  readonly at: Json;
  /** Records read before it. */
  readonly read: number;
  /** Records of the first page; absent on it. */
  readonly first?: number;
  /** Empty pages in a row before it. */
  readonly empty?: number;
}

/** Reads a saved place; undefined at the start. @throws SyncError CURSOR_EXPIRED where it is of another kind of paging */
export function placeOf(cursor: Json | undefined): ListPlace | undefined {
  if (cursor === undefined) return undefined;
  if (isJsonObject(cursor)) {
    const { at, read, first, empty } = cursor;
    if (at !== undefined && typeof read === 'number') {
      return { at, read, ...(typeof first === 'number' ? { first } : {}), ...(typeof empty === 'number' ? { empty } : {}) };
    }
  }
  throw new SyncError({
    code: 'CURSOR_EXPIRED',
    retry: 'backoff',
    message: 'The saved place in the list does not fit its page rule any more. The list is read again from its start.',
  });
}

/** The place of the next page; undefined after the last. See `nextCursor` for what ends a list. */
export function nextPlace(
  place: ListPlace,
  facts: PageFacts,
  size: number | undefined,
  pagesRead: number | undefined,
  next: (place: ListPlace) => Json,
): Json | undefined {
  const read = place.read + facts.records;
  const first = place.first ?? facts.records;
  if (!hasMore(facts, { read, first, size, pagesRead })) return undefined;
  const empty = facts.records === 0 ? (place.empty ?? 0) + 1 : 0;
  if (empty > MOST_EMPTY_PAGES) {
    throw new SyncError({
      code: 'CONTRACT_BROKEN',
      retry: 'never',
      message: `The API promised more after each of ${MOST_EMPTY_PAGES} empty pages: the list would be read for ever.`,
    });
  }
  return { at: next(place), read, first, ...(empty === 0 ? {} : { empty }) };
}

function hasMore(
  facts: PageFacts,
  walk: { readonly read: number; readonly first: number; readonly size: number | undefined; readonly pagesRead: number | undefined },
): boolean {
  if (facts.hasMore !== undefined) return facts.hasMore;
  // A total may count more than is listed, or shrink meanwhile: an empty page ends such a list.
  if (facts.total !== undefined) return facts.records > 0 && walk.read < facts.total;
  if (facts.totalPages !== undefined && walk.pagesRead !== undefined) return walk.pagesRead < facts.totalPages;
  const isShort = walk.size !== undefined && facts.records < walk.size && facts.records < walk.first;
  return facts.records > 0 && !isShort;
}
