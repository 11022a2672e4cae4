import { SyncError } from '../engine/errors.ts';
import type { Json } from '../engine/json.ts';

/** How an API walks a list; expressions are evaluated by the caller. Structurally what definition's page rules are. */
export type PagingRule =
  | { readonly type: 'cursor'; readonly param: string; readonly in: 'query' | 'body' }
  | { readonly type: 'page'; readonly param: string; readonly in: 'query' | 'body'; readonly start: number }
  | { readonly type: 'offset'; readonly param: string; readonly in: 'query' | 'body' }
  | { readonly type: 'next-url' }
  | { readonly type: 'keyset'; readonly param: string; readonly in: 'query' | 'body' }
  | { readonly type: 'none' };

/** What the answer to a page gave. */
export interface PageFacts {
  readonly records: number;
  /** The evaluated cursor, next address or last key. */
  readonly next?: Json | undefined;
  readonly hasMore?: boolean | undefined;
  /** Records in all. */
  readonly total?: number | undefined;
  readonly totalPages?: number | undefined;
}

/** Where a request for a page differs from the first. */
export interface PageRequest {
  readonly params: readonly { readonly in: 'query' | 'body'; readonly name: string; readonly value: string | number }[];
  /** Replaces path and query altogether. */
  readonly url?: string;
}

/** What the request for the page at `cursor` carries; undefined is the first page. */
export function pageRequest(rule: PagingRule, cursor: Json | undefined): PageRequest {
  switch (rule.type) {
    case 'none':
      return { params: [] };
    case 'next-url':
      return typeof cursor === 'string' ? { params: [], url: cursor } : { params: [] };
    case 'page':
      return withParam(rule, typeof cursor === 'number' ? cursor : rule.start);
    case 'offset':
      return withParam(rule, typeof cursor === 'number' ? cursor : 0);
    case 'cursor':
    case 'keyset':
      return typeof cursor === 'string' || typeof cursor === 'number' ? withParam(rule, cursor) : { params: [] };
  }
}

/**
 * Where the page after this one begins; undefined after the last. A short or empty page ends nothing while a next cursor follows. Page numbers and offsets end at the
 * total, at `hasMore`, or, where the API tells neither, at an empty page: an API may cap the page size lower than asked, so a short page proves nothing.
 * @throws SyncError CONTRACT_BROKEN where the cursor repeats
 */
export function nextCursor(rule: PagingRule, cursor: Json | undefined, facts: PageFacts): Json | undefined {
  switch (rule.type) {
    case 'none':
      return undefined;
    case 'page': {
      const page = typeof cursor === 'number' ? cursor : rule.start;
      if (facts.hasMore !== undefined) return facts.hasMore ? page + 1 : undefined;
      if (facts.totalPages !== undefined) return page - rule.start + 1 < facts.totalPages ? page + 1 : undefined;
      return facts.records > 0 ? page + 1 : undefined;
    }
    case 'offset': {
      const next = (typeof cursor === 'number' ? cursor : 0) + facts.records;
      if (facts.records === 0) return undefined;
      if (facts.hasMore !== undefined) return facts.hasMore ? next : undefined;
      if (facts.total !== undefined) return next < facts.total ? next : undefined;
      return next;
    }
    case 'keyset':
      if (facts.records === 0 || facts.hasMore === false) return undefined;
      return follow(cursor, facts.next);
    case 'cursor':
    case 'next-url':
      return follow(cursor, facts.next);
  }
}

function follow(cursor: Json | undefined, next: Json | undefined): Json | undefined {
  if (next === undefined || next === null || next === '' || next === false) return undefined;
  if (next === cursor) {
    throw new SyncError({ code: 'CONTRACT_BROKEN', retry: 'never', message: 'The cursor repeats: the answer names the page that was just read as the next one.' });
  }
  return next;
}

function withParam(rule: { readonly in: 'query' | 'body'; readonly param: string }, value: string | number): PageRequest {
  return { params: [{ in: rule.in, name: rule.param, value }] };
}
