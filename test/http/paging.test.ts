import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { SyncError } from '../../engine/errors.ts';
import type { Json } from '../../engine/json.ts';
import { nextCursor, type PageFacts, type PageRequest, type PagingRule, pageRequest } from '../../http/paging.ts';

interface Walk {
  readonly seen: readonly number[];
  readonly requests: number;
}

/** Reads a whole list; the cursor goes through JSON as it does through the ledger. */
function walk(rule: PagingRule, answer: (request: PageRequest) => { readonly records: readonly number[]; readonly facts: Omit<PageFacts, 'records'> }): Walk {
  const seen: number[] = [];
  let cursor: Json | undefined;
  for (let requests = 1; requests < 1_000; requests++) {
    const { records, facts } = answer(pageRequest(rule, cursor));
    seen.push(...records);
    const next = nextCursor(rule, cursor, { ...facts, records: records.length });
    if (next === undefined) return { seen, requests };
    cursor = JSON.parse(JSON.stringify(next));
  }
  throw new Error('read for ever');
}

const list = fc.integer({ min: 0, max: 60 }).map((count) => Array.from({ length: count }, (_, index) => index * 2));
const pageSize = fc.integer({ min: 1, max: 25 });
const lists = fc.record({ records: list, size: pageSize });
const pagesOf = (count: number, size: number) => Math.max(1, Math.ceil(count / size));
const paramOf = (request: PageRequest): Json | undefined => request.params[0]?.value;
const isBroken = (words: RegExp) => (error: unknown) => error instanceof SyncError && error.code === 'CONTRACT_BROKEN' && words.test(error.message);

describe('paging reads each record once, in order, with as few requests as the API allows', () => {
  it('by cursor, also where some pages come back short or empty', () => {
    const gaps = fc.array(fc.boolean(), { maxLength: 20 });
    fc.assert(
      fc.property(lists, gaps, ({ records, size }, empties) => {
        let at = 0;
        let turn = 0;
        const rule = { type: 'cursor', param: 'after', in: 'query' } as const;
        const read = walk(rule, (request) => {
          assert.equal(paramOf(request), turn === 0 ? undefined : `c${turn}`);
          const page = empties[turn] === true ? [] : records.slice(at, at + size);
          at += page.length;
          turn += 1;
          return { records: page, facts: { total: records.length, next: at < records.length ? `c${turn}` : null } };
        });
        assert.deepEqual(read, { seen: records, requests: turn });
      }),
    );
  });

  for (const told of ['total', 'totalPages', 'hasMore'] as const) {
    for (const type of ['page', 'offset'] as const) {
      if (type === 'offset' && told === 'totalPages') continue;
      it(`by ${type}, where the API tells ${told}: no request after the last page`, () => {
        fc.assert(
          fc.property(lists, fc.integer({ min: 0, max: 1 }), ({ records, size }, start) => {
            const rule: PagingRule = type === 'page' ? { type, param: 'p', in: 'query', start } : { type, param: 'o', in: 'body' };
            const read = walk(rule, (request) => {
              const value = Number(paramOf(request));
              const from = type === 'page' ? (value - start) * size : value;
              const facts = { total: records.length, totalPages: Math.ceil(records.length / size), hasMore: from + size < records.length };
              return { records: records.slice(from, from + size), facts: { [told]: facts[told] } };
            });
            assert.deepEqual(read, { seen: records, requests: pagesOf(records.length, size) });
          }),
        );
      });
    }
  }

  it('by page and offset, where the API tells nothing: until an empty page', () => {
    fc.assert(
      fc.property(lists, fc.constantFrom('page', 'offset'), ({ records, size }, type) => {
        const rule: PagingRule = type === 'page' ? { type, param: 'p', in: 'query', start: 1 } : { type, param: 'o', in: 'query' };
        const read = walk(rule, (request) => {
          const from = type === 'page' ? (Number(paramOf(request)) - 1) * size : Number(paramOf(request));
          return { records: records.slice(from, from + size), facts: {} };
        });
        assert.deepEqual(read, { seen: records, requests: Math.ceil(records.length / size) + 1 });
      }),
    );
  });

  it('by page, offset and key, where pages in the middle are short of what the API leaves out of them', () => {
    fc.assert(
      fc.property(lists, fc.constantFrom('page', 'offset', 'keyset'), fc.integer({ min: 2, max: 9 }), ({ records, size }, type, hides) => {
        const rule: PagingRule = type === 'page' ? { type, param: 'p', in: 'query', start: 1 } : { type, param: 'o', in: 'query' };
        // The first record of a page is always shown: what follows an empty page is not looked for.
        const shown = (_key: number, index: number) => index % size === 0 || index % hides !== 0;
        const read = walk(rule, (request) => {
          const at = Number(paramOf(request) ?? -1);
          const from = type === 'page' ? (at - 1) * size : type === 'offset' ? at : records.filter((key) => key <= at).length;
          const page = records.slice(from, from + size).filter((key, index) => shown(key, from + index));
          return { records: page, facts: { first: page[0], next: page.at(-1) } };
        });
        assert.deepEqual([...new Set(read.seen)], records.filter(shown));
      }),
    );
  });

  it('by a key that each page begins with', () => {
    const records = [1, 2, 3, 4, 5, 6, 7];
    const read = walk({ type: 'keyset', param: 'from', in: 'query' }, (request) => {
      const page = records.filter((key) => key >= Number(paramOf(request) ?? 0)).slice(0, 3);
      return { records: page, facts: { first: page[0], next: page.at(-1) } };
    });
    assert.deepEqual(read, { seen: [1, 2, 3, 3, 4, 5, 5, 6, 7, 7], requests: 4 });
  });

  it('by page with a total, also where the API caps the page size lower than the caller thinks', () => {
    fc.assert(
      fc.property(lists, fc.integer({ min: 1, max: 60 }), ({ records, size }, believedSize) => {
        const read = walk({ type: 'page', param: 'p', in: 'query', start: 1 }, (request) => {
          const from = (Number(paramOf(request)) - 1) * size;
          return { records: records.slice(from, from + size), facts: { total: records.length, totalPages: Math.ceil(records.length / believedSize) } };
        });
        assert.deepEqual(read, { seen: records, requests: pagesOf(records.length, size) });
      }),
    );
  });

  it('by next address, absolute or relative to the page that named it', () => {
    fc.assert(
      fc.property(lists, fc.boolean(), ({ records, size }, isRelative) => {
        const base = 'https://api.example.com/v2/contacts';
        const read = walk({ type: 'next-url' }, (request) => {
          const requestUrl = request.url ?? base;
          const from = Number(new URL(requestUrl).searchParams.get('from') ?? 0);
          const next = from + size < records.length ? `${isRelative ? '' : base}?from=${from + size}` : undefined;
          return { records: records.slice(from, from + size), facts: { next, requestUrl } };
        });
        assert.deepEqual(read, { seen: records, requests: pagesOf(records.length, size) });
      }),
    );
  });

  it('by key, with and without the API telling whether there is more', () => {
    fc.assert(
      fc.property(lists, fc.boolean(), ({ records, size }, isTold) => {
        const read = walk({ type: 'keyset', param: 'after', in: 'body' }, (request) => {
          const after = paramOf(request);
          const rest = records.filter((key) => after === undefined || key > Number(after));
          const page = rest.slice(0, size);
          return { records: page, facts: { next: page.at(-1), ...(isTold ? { hasMore: rest.length > size } : {}) } };
        });
        assert.deepEqual(read, { seen: records, requests: isTold ? pagesOf(records.length, size) : Math.ceil(records.length / size) + 1 });
      }),
    );
  });

  it('without paging, in one request', () => {
    assert.deepEqual(
      walk({ type: 'none' }, (request) => {
        assert.deepEqual(request, { params: [] });
        return { records: [1, 2], facts: { hasMore: true, total: 10 } };
      }),
      { seen: [1, 2], requests: 1 },
    );
  });
});

describe('paging does not trust the API', () => {
  const cursorRule = { type: 'cursor', param: 'after', in: 'query' } as const;

  it('a cursor that repeats is an error, not an endless read', () => {
    assert.throws(() => nextCursor(cursorRule, 'a', { records: 5, next: 'a' }), isBroken(/the cursor repeats/i));
    assert.throws(() => nextCursor(cursorRule, { page: 1 }, { records: 5, next: { page: 1 } }), isBroken(/the cursor repeats/i));
    assert.throws(
      () => nextCursor({ type: 'next-url' }, 'https://a.test/?p=2', { records: 5, next: '?p=2', requestUrl: 'https://a.test/?p=2' }),
      isBroken(/the cursor repeats/i),
    );
    const place = nextCursor({ type: 'keyset', param: 'k', in: 'query' }, undefined, { records: 1, next: 7 });
    assert.throws(() => nextCursor({ type: 'keyset', param: 'k', in: 'query' }, place, { records: 1, next: 7 }), isBroken(/the cursor repeats/i));
  });

  it('more that is promised but cannot be reached is an error, not the end', () => {
    assert.throws(() => nextCursor({ type: 'offset', param: 'o', in: 'query' }, undefined, { records: 0, hasMore: true }), isBroken(/there is more/));
    assert.throws(() => nextCursor({ type: 'keyset', param: 'k', in: 'query' }, undefined, { records: 3, hasMore: true }), isBroken(/no key/));
    assert.throws(() => nextCursor(cursorRule, undefined, { records: 3, next: true }), isBroken(/leads nowhere/));
  });

  it('empty pages with more promised are followed, but not for ever', () => {
    const rule = { type: 'page', param: 'p', in: 'query', start: 1 } as const;
    let cursor: Json | undefined;
    assert.throws(
      () => {
        for (let page = 0; page < 2_000; page++) cursor = nextCursor(rule, cursor, { records: 0, hasMore: true });
      },
      isBroken(/for ever/),
    );
  });

  it('a total that counts more than is listed ends with an empty page', () => {
    const rule = { type: 'offset', param: 'o', in: 'query' } as const;
    const second = nextCursor(rule, undefined, { records: 3, total: 5 });
    assert.equal(nextCursor(rule, second, { records: 0, total: 5 }), undefined);
  });

  it('a saved place of another kind of paging makes the list be read again', () => {
    const isExpired = (error: unknown) => error instanceof SyncError && error.code === 'CURSOR_EXPIRED';
    assert.throws(() => pageRequest({ type: 'page', param: 'p', in: 'query', start: 1 }, 'abc'), isExpired);
    assert.throws(() => pageRequest({ type: 'next-url' }, { at: 3, read: 5 }), isExpired);
  });

  it('a cursor that is an object is sent as JSON in a query, and as it is in a body', () => {
    assert.deepEqual(pageRequest(cursorRule, { id: 5 }).params, [{ in: 'query', name: 'after', value: '{"id":5}' }]);
    assert.deepEqual(pageRequest({ ...cursorRule, in: 'body' }, { id: 5 }).params, [{ in: 'body', name: 'after', value: { id: 5 } }]);
  });
});
