import { SyncError } from '../engine/errors.ts';
import type { Json } from '../engine/json.ts';
import { freshRecords, type ListPlace, nextPlace, type PageFacts, placeOf } from './list-place.ts';

export type { PageFacts } from './list-place.ts';

/** `variables`: of a GraphQL request. */
export type ParameterPlace = 'query' | 'body' | 'variables';

/** How an API walks a list; expressions are evaluated by the caller. Structurally what definition's page rules are. */
export type PagingRule =
  | { readonly type: 'cursor'; readonly param: string; readonly in: ParameterPlace }
  | { readonly type: 'page'; readonly param: string; readonly in: ParameterPlace; readonly start: number }
  | { readonly type: 'offset'; readonly param: string; readonly in: ParameterPlace }
  | { readonly type: 'graphql'; readonly param: string }
  | { readonly type: 'next-url' }
  | { readonly type: 'keyset'; readonly param: string; readonly in: ParameterPlace }
  | { readonly type: 'none' };

/** Where a request for a page differs from the first. The page size is the caller's to add. */
export interface PageRequest {
  readonly params: readonly { readonly in: ParameterPlace; readonly name: string; readonly value: Json }[];
  /** Replaces path and query altogether. */
  readonly url?: string;
}

/** What the request for the page at `cursor` carries; undefined is the first page. @throws SyncError CURSOR_EXPIRED where the cursor is of another kind of paging */
export function pageRequest(rule: PagingRule, cursor: Json | undefined): PageRequest {
  switch (rule.type) {
    case 'none':
      return { params: [] };
    case 'next-url':
      return cursor === undefined ? { params: [] } : { params: [], url: textOf(cursor) };
    case 'page':
      return withParam(rule, placeOf(cursor)?.at ?? rule.start);
    case 'offset':
      return withParam(rule, placeOf(cursor)?.at ?? 0);
    case 'keyset': {
      const place = placeOf(cursor);
      return place === undefined ? { params: [] } : withParam(rule, place.at);
    }
    case 'cursor':
      return cursor === undefined ? { params: [] } : withParam(rule, cursor);
    case 'graphql':
      return { params: cursor === undefined ? [] : [{ in: 'variables', name: rule.param, value: textOf(cursor) }] };
  }
}

/**
 * Where the page after this one begins; undefined after the last.
 * - graphql: as `pageInfo` says, which has to be there (Relay's Cursor Connections, section 5).
 * - cursor, next-url: as long as the answer names a next one, however short or empty its page is; a total ends nothing.
 * - page, offset, keyset: what the API says ends the list (`hasMore`, then the total, then the number of pages). Where it says nothing, a page without a new record does. A short one
 *   ends nothing: an API may leave out of a page what the account may not see.
 * @throws SyncError CONTRACT_BROKEN where the cursor repeats, or the API says that there is more and gives no way to it
 */
export function nextCursor(rule: PagingRule, cursor: Json | undefined, facts: PageFacts): Json | undefined {
  switch (rule.type) {
    case 'none':
      return undefined;
    case 'cursor':
      return facts.hasMore === false ? undefined : follow(cursor, facts.next);
    case 'graphql':
      return afterEnd(cursor, facts);
    case 'next-url':
      return follow(cursor, absolute(facts.next, facts.requestUrl));
    case 'page': {
      const place = placeOf(cursor) ?? { at: rule.start, read: 0 };
      const page = numberOf(place.at);
      return nextPlace(place, facts, { pages: page - rule.start + 1 }, () => page + 1);
    }
    case 'offset': {
      const place = placeOf(cursor) ?? { at: 0, read: 0 };
      const position = numberOf(place.at) + facts.records;
      return nextPlace(place, facts, { position }, () => needsRecords(facts, position));
    }
    case 'keyset': {
      const place = placeOf(cursor) ?? { at: null, read: 0 };
      // Some lists begin with the key itself.
      const isAtEnd = facts.records < (place.first ?? 0) && facts.first === place.at && facts.next === place.at;
      const page = isAtEnd ? { ...facts, repeated: facts.records } : facts;
      return nextPlace(place, page, {}, () => needsRecords(page, afterKey(place, page.next)));
    }
  }
}

function follow(cursor: Json | undefined, next: Json | undefined): Json | undefined {
  if (next === undefined || next === null || next === '' || next === false) return undefined;
  if (next === true) throw broken('The next cursor is "true", which leads nowhere: check where the page rule looks for it.');
  if (cursor !== undefined && JSON.stringify(next) === JSON.stringify(cursor)) throw repeats();
  return next;
}

function afterEnd(cursor: Json | undefined, { hasMore, next }: PageFacts): Json | undefined {
  if (hasMore === undefined)
    throw broken('The answer has no pageInfo.hasNextPage: ask for `pageInfo { hasNextPage endCursor }`, and check "pageInfo" of the page rule.');
  if (!hasMore) return undefined;
  const after = follow(cursor, next);
  if (after === undefined) throw broken('The API says that there is another page, and names no pageInfo.endCursor to go on from.');
  return after;
}

function absolute(next: Json | undefined, requestUrl: string | undefined): Json | undefined {
  return typeof next === 'string' && next !== '' && requestUrl !== undefined && URL.canParse(next, requestUrl) ? new URL(next, requestUrl).href : next;
}

function afterKey(place: ListPlace, key: Json | undefined): Json {
  if (typeof key !== 'string' && typeof key !== 'number') throw broken('The last record of a page has no key to go on from: check "key" of the page rule.');
  if (key === place.at) throw repeats();
  return key;
}

function needsRecords<At extends Json>(facts: PageFacts, at: At): At {
  if (freshRecords(facts) > 0) return at;
  throw broken('The API says that there is more, and gives no record to go on from.');
}

function withParam(rule: { readonly in: ParameterPlace; readonly param: string }, value: Json): PageRequest {
  const isNested = typeof value === 'object' && value !== null;
  return { params: [{ in: rule.in, name: rule.param, value: isNested && rule.in === 'query' ? JSON.stringify(value) : value }] };
}

function textOf(cursor: Json): string {
  if (typeof cursor === 'string') return cursor;
  throw new SyncError({
    code: 'CURSOR_EXPIRED',
    retry: 'backoff',
    message: 'The saved place in the list is no address: the page rule changed. The list is read again from its start.',
  });
}

function numberOf(at: Json): number {
  if (typeof at === 'number') return at;
  throw new SyncError({
    code: 'CURSOR_EXPIRED',
    retry: 'backoff',
    message: 'The saved place in the list is no number: the page rule changed. The list is read again from its start.',
  });
}

function repeats(): SyncError {
  return broken('The cursor repeats: the answer names the page that was just read as the next one.');
}

function broken(message: string): SyncError {
  return new SyncError({ code: 'CONTRACT_BROKEN', retry: 'never', message });
}
