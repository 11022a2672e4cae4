import { SyncError } from '../engine/errors.ts';
import { isJsonObject, type Json } from '../engine/json.ts';

/** Empty pages in a row, each with more promised, before the promise is no longer believed. */
const MOST_EMPTY_PAGES = 1_000;

/** What the answer to a page gave. */
export interface PageFacts {
  readonly records: number;
  /** Of those, how many the page before had, too. @default 0 */
  readonly repeated?: number | undefined;
  /** The key of the first record, where the last one's is the way on. */
  readonly first?: Json | undefined;
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
  /** The page before had fewer records than the first, and nothing told whether another follows. */
  readonly isAfterShort?: boolean;
}

/** Reads a saved place; undefined at the start. @throws SyncError CURSOR_EXPIRED where it is of another kind of paging */
export function placeOf(cursor: Json | undefined): ListPlace | undefined {
  if (cursor === undefined) return undefined;
  if (isJsonObject(cursor)) {
    const { at, read, first, empty, isAfterShort } = cursor;
    if (at !== undefined && typeof read === 'number') {
      return {
        at,
        read,
        ...(typeof first === 'number' ? { first } : {}),
        ...(typeof empty === 'number' ? { empty } : {}),
        ...(isAfterShort === true ? { isAfterShort } : {}),
      };
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
  walked: {
    /** Where pages are numbered. */
    readonly pages?: number;
    /** How many records lie before the next page, where that can be told: what was read may have gone from the list again. @default the records read */
    readonly position?: number;
  },
  next: (place: ListPlace) => Json,
): Json | undefined {
  const fresh = freshRecords(facts);
  const read = place.read + fresh;
  const first = place.first ?? facts.records;
  if (!hasMore(facts, { position: walked.position ?? read, pages: walked.pages })) return undefined;
  const empty = fresh === 0 ? (place.empty ?? 0) + 1 : 0;
  if (empty > MOST_EMPTY_PAGES) {
    throw new SyncError({
      code: 'CONTRACT_BROKEN',
      retry: 'never',
      message: `The API promised more after each of ${MOST_EMPTY_PAGES} empty pages: the list would be read for ever.`,
    });
  }
  const isShort = facts.records < first && [facts.hasMore, facts.total, facts.totalPages].every((told) => told === undefined);
  return { at: next(place), read, first, ...(empty === 0 ? {} : { empty }), ...(isShort ? { isAfterShort: true } : {}) };
}

function hasMore(facts: PageFacts, walk: { readonly position: number; readonly pages: number | undefined }): boolean {
  if (facts.hasMore !== undefined) return facts.hasMore;
  // A total may count more than is listed, or shrink meanwhile: an empty page ends such a list.
  if (facts.total !== undefined) return freshRecords(facts) > 0 && walk.position < facts.total;
  if (facts.totalPages !== undefined && walk.pages !== undefined) return walk.pages < facts.totalPages;
  return freshRecords(facts) > 0;
}

/** Records that the page before did not have. */
export function freshRecords({ records, repeated = 0 }: PageFacts): number {
  return records - repeated;
}
