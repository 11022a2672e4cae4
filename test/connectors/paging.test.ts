import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { type Answer, json, serve } from '../http/local-server.ts';
import { keysOf, outgoing, readAll, sourceOf, targetOf } from './connect.ts';

const RECORDS = Array.from({ length: 25 }, (_, index) => ({ id: index + 1, name: `n${index + 1}` }));
const KEYS = RECORDS.map((record) => String(record.id));
const SIZE = 10;

const query = (url: string, name: string): string | null => new URL(url, 'http://x').searchParams.get(name);
const from = (start: number, size = SIZE) => RECORDS.slice(start, start + size);
const field = (body: string, name: string): unknown => JSON.parse(body)[name];

interface Api {
  readonly list: { readonly [key: string]: unknown };
  readonly answer: Answer;
  readonly requests: number;
  readonly total?: number;
}

const APIS: Readonly<Record<string, Api>> = {
  'a cursor in the query': {
    list: {
      get: '/contacts',
      records: 'data',
      page: { type: 'cursor', cursor: 'meta.next', param: 'cursor', size: { param: 'limit', max: SIZE }, total: 'meta.total' },
    },
    answer: ({ url }, response) => {
      assert.equal(query(url, 'limit'), '10');
      const start = Number(query(url, 'cursor') ?? 0);
      json(response, { data: from(start), meta: { total: 25, ...(start + SIZE < 25 ? { next: String(start + SIZE) } : {}) } });
    },
    requests: 3,
    total: 25,
  },
  'a cursor in a JSON body': {
    list: { post: '/search', body: { active: true }, records: 'data', page: { type: 'cursor', cursor: 'next', param: 'after', in: 'body' } },
    answer: ({ body }, response) => {
      assert.equal(field(body, 'active'), true);
      const start = Number(field(body, 'after') ?? 0);
      json(response, { data: from(start), next: start + SIZE < 25 ? start + SIZE : null });
    },
    requests: 3,
  },
  'a cursor in a form': {
    list: { post: '/search', format: 'form', body: { active: true }, records: 'data', page: { type: 'cursor', cursor: 'next', param: 'after', in: 'body' } },
    answer: ({ body }, response) => {
      const form = new URLSearchParams(body);
      assert.equal(form.get('active'), 'true');
      const start = Number(form.get('after') ?? 0);
      json(response, { data: from(start), next: start + SIZE < 25 ? String(start + SIZE) : '' });
    },
    requests: 3,
  },
  'page numbers, until a page is empty': {
    list: { get: '/contacts', records: '$', page: { type: 'page' } },
    answer: ({ url }, response) => json(response, from((Number(query(url, 'page')) - 1) * SIZE)),
    requests: 4,
  },
  'page numbers from 0, until all are read': {
    list: { get: '/contacts', records: 'items', page: { type: 'page', param: 'p', start: 0, total: 'count' } },
    answer: ({ url }, response) => json(response, { items: from(Number(query(url, 'p')) * SIZE), count: '25' }),
    requests: 3,
    total: 25,
  },
  'page numbers, as many as the API says there are': {
    list: { get: '/contacts', records: 'items', page: { type: 'page', totalPages: 'pages' } },
    answer: ({ url }, response) => json(response, { items: from((Number(query(url, 'page')) - 1) * SIZE), pages: 3 }),
    requests: 3,
  },
  'page numbers, until there is no more': {
    list: { get: '/contacts', records: 'items', page: { type: 'page', hasMore: 'has_more' } },
    answer: ({ url }, response) => {
      const page = Number(query(url, 'page'));
      json(response, { items: from((page - 1) * SIZE), has_more: page < 3 ? 'true' : 'false' });
    },
    requests: 3,
  },
  'an offset, with the total in a header': {
    list: { get: '/contacts', records: '$', page: { type: 'offset', size: { param: 'limit', max: SIZE }, total: "headers.'x-total-count'" } },
    answer: ({ url }, response) => json(response, from(Number(query(url, 'offset')), Number(query(url, 'limit'))), 200, { 'x-total-count': '25' }),
    requests: 3,
    total: 25,
  },
  'page numbers, with the total in a header beside an object': {
    list: { get: '/contacts', records: 'items', page: { type: 'page', total: "headers.'x-total'" } },
    answer: ({ url }, response) => json(response, { items: from((Number(query(url, 'page')) - 1) * SIZE) }, 200, { 'x-total': '25' }),
    requests: 3,
    total: 25,
  },
  'the next address in the body, relative': {
    list: { get: '/contacts', query: { status: 'active' }, records: 'data', page: { type: 'next-url', url: 'links.next' } },
    answer: ({ url }, response) => {
      assert.equal(query(url, 'status'), 'active');
      const start = Number(query(url, 'from') ?? 0);
      json(response, { data: from(start), links: { next: start + SIZE < 25 ? `/v2/contacts?status=active&from=${start + SIZE}` : null } });
    },
    requests: 3,
  },
  'the Link header': {
    list: { get: '/contacts', records: '$', page: { type: 'next-url' } },
    answer: ({ url, headers }, response) => {
      const start = Number(query(url, 'from') ?? 0);
      const link = start + SIZE < 25 ? { link: `<http://${headers.host}/v2/contacts?from=${start + SIZE}>; rel="next"` } : undefined;
      json(response, from(start), 200, link);
    },
    requests: 3,
  },
  'the last key seen': {
    list: { get: '/contacts', records: 'data', page: { type: 'keyset', key: 'id', param: 'since_id' } },
    answer: ({ url }, response) => json(response, { data: RECORDS.filter(({ id }) => id > Number(query(url, 'since_id') ?? 0)).slice(0, SIZE) }),
    requests: 4,
  },
  'no pages': { list: { get: '/contacts', records: 'data' }, answer: (_request, response) => json(response, { data: RECORDS }), requests: 1 },
};

describe('a list is read whole', () => {
  for (const [name, api] of Object.entries(APIS)) {
    it(`by ${name}; and on from any page, as after a crash`, async (context) => {
      const server = await serve(context, api.answer);
      const contacts = { list: api.list };
      const pages = await readAll(sourceOf(context, `${server.url}/v2`, contacts));
      assert.deepEqual(keysOf(pages), KEYS);
      assert.equal(server.received.length, api.requests);
      assert.ok(
        server.received.every(({ url }) => /^\/v2\/(contacts|search)($|\?)/.test(url)),
        'the path of baseUrl is kept, and not repeated',
      );
      assert.equal(pages[0]?.total, api.total);
      const first = pages[0]?.next;
      if (first === undefined) return;
      const stored: typeof first = JSON.parse(JSON.stringify(first));
      const rest = await readAll(sourceOf(context, `${server.url}/v2`, contacts), stored);
      assert.deepEqual(keysOf(rest), KEYS.slice(SIZE));
      assert.deepEqual(rest[0]?.next, pages[1]?.next, 'the same page gives the same cursor');
    });
  }
});

describe('a list of which some records are not shown', () => {
  const shown = ({ id }: { readonly id: number }) => id !== 15;
  const visible = RECORDS.filter(shown).map(({ id }) => String(id));
  const size = { param: 'limit', max: SIZE };
  const lists: Readonly<Record<string, { readonly page: object; readonly start: (url: string) => number }>> = {
    'page numbers': { page: { type: 'page', size }, start: (url) => (Number(query(url, 'page')) - 1) * SIZE },
    'an offset': { page: { type: 'offset', size }, start: (url) => Number(query(url, 'offset')) },
    'the last key seen': { page: { type: 'keyset', key: 'id', param: 'after', size }, start: (url) => Number(query(url, 'after') ?? 0) },
  };
  for (const [name, { page, start }] of Object.entries(lists)) {
    it(`is read beyond its short pages by ${name}`, async (context) => {
      const server = await serve(context, ({ url }, response) => json(response, from(start(url)).filter(shown)));
      assert.deepEqual(keysOf(await readAll(sourceOf(context, server.url, { list: { get: '/contacts', records: '$', page } }))), visible);
    });
  }

  it('is read beyond its short pages where the API takes whole pages as offsets only', async (context) => {
    const server = await serve(context, ({ url }, response) => {
      const offset = Number(query(url, 'offset'));
      return offset % SIZE === 0 ? json(response, from(offset).filter(shown)) : json(response, { message: 'no multiple of limit' }, 400);
    });
    const list = { get: '/contacts', records: '$', page: { type: 'offset', size } };
    assert.deepEqual(keysOf(await readAll(sourceOf(context, server.url, { list }))), visible);
  });
});

describe('after a short page, a list is at its end', () => {
  const list = { get: '/contacts', records: '$', page: { type: 'page' } };
  const ends: Readonly<Record<string, Answer>> = {
    'where the API has no further page': (_request, response) => json(response, { detail: 'Invalid page.' }, 404),
    'where the last page comes again': (_request, response) => json(response, from(20)),
  };
  for (const [name, answer] of Object.entries(ends)) {
    it(name, async (context) => {
      const server = await serve(context, (request, response) => {
        const page = Number(query(request.url, 'page'));
        return page <= 3 ? json(response, from((page - 1) * SIZE)) : answer(request, response);
      });
      assert.deepEqual(keysOf(await readAll(sourceOf(context, server.url, { list }))), KEYS);
      assert.equal(server.received.length, 4);
    });
  }

  it('and not in its middle, where a page is refused', async (context) => {
    const server = await serve(context, ({ url }, response) =>
      query(url, 'page') === '1' ? json(response, from(0)) : json(response, { detail: 'gone' }, 404),
    );
    await assert.rejects(readAll(sourceOf(context, server.url, { list })), { code: 'REQUEST_REJECTED' });
  });
});

describe('a list that has no end', () => {
  const cursorList = { list: { get: '/contacts', records: 'data', page: { type: 'cursor', cursor: 'next', param: 'after' } } };
  const circle =
    (length: number): Answer =>
    ({ url }, response) => {
      const at = Number(query(url, 'after') ?? 0);
      json(response, { data: [{ id: at }], next: String((at + 1) % length) });
    };

  for (const length of [2, 3, 7]) {
    it(`is noticed when ${length} cursors go round, also by one reader after another`, async (context) => {
      const server = await serve(context, circle(length));
      await assert.rejects(readByTurns(context, server.url, cursorList), {
        code: 'CONTRACT_BROKEN',
        message: /crm\.contacts\.list: the cursor of page \d+ came before/,
      });
      assert.ok(server.received.length <= length * 3, `${server.received.length} requests`);
    });
  }

  it('is noticed when the answer names the page just read', async (context) => {
    const server = await serve(context, (_request, response) => json(response, { data: [{ id: 1 }], next: 'same' }));
    await assert.rejects(readByTurns(context, server.url, cursorList), { code: 'CONTRACT_BROKEN', message: /crm\.contacts\.list: .*repeats/ });
    assert.equal(server.received.length, 2);
  });

  it('is noticed when the API does not know the page parameter', async (context) => {
    const server = await serve(context, (_request, response) => json(response, from(0)));
    const contacts = { list: { get: '/contacts', records: '$', page: { type: 'page', param: 'pag' } } };
    await assert.rejects(readByTurns(context, server.url, contacts), {
      code: 'CONTRACT_BROKEN',
      message: /3 pages in a row hold the same records\. Is "pag" the right parameter/,
    });
    assert.equal(server.received.length, 3);
  });

  it('is noticed among the results of a job, too', async (context) => {
    const rows = [{ email: 'a@x.test', id: 1 }];
    const ended = async (page: object, answer: Answer, message: RegExp) => {
      const server = await serve(context, answer);
      const bulk = {
        create: { post: '/jobs', body: { rows: '{records}' } },
        poll: { get: '/jobs/{job}', done: ['done'] },
        results: [{ get: '/jobs/{job}/rows', at: 'rows', outcome: 'written', page }],
      };
      const results = targetOf(context, server.url, { upsert: { bulk } }).jobs?.upsert?.readResults('7', [outgoing('a@x.test')], {});
      await assert.rejects(results ?? Promise.resolve(), { code: 'CONTRACT_BROKEN', message });
      assert.ok(server.received.length <= 6, `${server.received.length} requests`);
    };
    await ended({ type: 'page' }, (_request, response) => json(response, { rows }), /bulk\.results\[0\]: 3 pages in a row hold the same records/);
    const round: Answer = ({ url }, response) => json(response, { rows, next: query(url, 'after') === 'a' ? 'b' : 'a' });
    await ended({ type: 'cursor', cursor: 'next', param: 'after' }, round, /bulk\.results\[0\]: the cursor of page \d came before/);
  });

  it('is not suspected when a source is read twice', async (context) => {
    const server = await serve(context, APIS['a cursor in the query']?.answer ?? circle(2));
    const source = sourceOf(context, server.url, { list: APIS['a cursor in the query']?.list });
    assert.deepEqual(keysOf(await readAll(source)), KEYS);
    assert.deepEqual(keysOf(await readAll(source)), KEYS);
  });

  /** A new source for each page, as if the process had died in between. */
  async function readByTurns(context: TestContext, url: string, contacts: { readonly [key: string]: unknown }): Promise<void> {
    let page = await sourceOf(context, url, contacts).readPage({ window: {}, cursor: undefined });
    for (let pages = 1; page.next !== undefined && pages < 40; pages++)
      page = await sourceOf(context, url, contacts).readPage({ window: {}, cursor: page.next });
  }
});

it('a list that ends before its total is told of, once', async (context) => {
  const server = await serve(context, (_request, response) => json(response, { data: from(0), total: 1_000 }));
  const warnings: string[] = [];
  const list = { get: '/contacts', records: 'data', page: { type: 'cursor', cursor: 'wrong.path', param: 'after', total: 'total' } };
  const source = sourceOf(context, server.url, { list }, { onWarning: ({ connection, message }) => warnings.push(`${connection}: ${message}`) });
  await readAll(source);
  await readAll(source);
  assert.equal(warnings.length, 1);
  assert.match(warnings[0] ?? '', /^crm: crm\.contacts\.list ended after fewer records than the 1000/);
});

it('a list without content is empty', async (context) => {
  const server = await serve(context, (_request, response) => void response.writeHead(204).end());
  for (const page of [{ type: 'page' }, { type: 'offset', total: 'total' }, { type: 'cursor', cursor: 'next', param: 'after' }])
    assert.deepEqual(keysOf(await readAll(sourceOf(context, server.url, { list: { get: '/contacts', records: 'data', page } }))), []);
});

it('results of a job without content name no record', async (context) => {
  const server = await serve(context, (_request, response) => void response.writeHead(204).end());
  const bulk = {
    create: { post: '/jobs', body: { rows: '{records}' } },
    poll: { get: '/jobs/{job}', done: ['done'] },
    results: [{ get: '/jobs/{job}/refused', at: 'rows', outcome: 'rejected', error: 'why' }],
  };
  const results = targetOf(context, server.url, { upsert: { bulk } }).jobs?.upsert?.readResults('7', [outgoing('a@x.test')], {});
  assert.deepEqual(await results, [{ outcome: 'unknown' }]);
});

it('a saved place of another kind of paging begins the list anew, instead of reading somewhere', async (context) => {
  const server = await serve(context, (_request, response) => json(response, { data: [] }));
  const source = sourceOf(context, server.url, { list: { get: '/contacts', records: 'data', page: { type: 'offset' } } });
  for (const cursor of ['abc', 7, { at: 'abc' }, { at: 'abc', walk: { pages: 1, records: 10 } }]) {
    await assert.rejects(source.readPage({ window: {}, cursor }), { code: 'CURSOR_EXPIRED' }, JSON.stringify(cursor));
  }
  assert.equal(server.received.length, 0);
});

it('page parameters take the place of what the endpoint says under the same name', async (context) => {
  const server = await serve(context, (_request, response) => json(response, { data: [] }));
  const list = { get: '/contacts', query: { limit: 5, page: 9, sort: 'id' }, records: 'data', page: { type: 'page', size: { param: 'limit', max: 100 } } };
  await readAll(sourceOf(context, server.url, { list }));
  assert.equal(server.received[0]?.url, '/contacts?sort=id&limit=100&page=1');
});

it('page parameters stand in a body beside what it has, in a form as in JSON; one without fields is a mistake, and keeps what it says', async (context) => {
  const server = await serve(context, (_request, response) => json(response, { data: [] }));
  const asked = async (list: object) => {
    const page = { type: 'page', in: 'body', size: { param: 'limit', max: 9, in: 'body' } };
    await readAll(sourceOf(context, server.url, { list: { post: '/contacts', records: 'data', page, ...list } }));
    const { headers, body } = server.received.at(-1) ?? {};
    return [headers?.['content-type'], body];
  };
  const [form, plain] = ['application/x-www-form-urlencoded', 'application/json'];
  assert.deepEqual(await asked({ format: 'form' }), [form, 'limit=9&page=1']);
  assert.deepEqual(await asked({ format: 'form', body: { q: 'a' } }), [form, 'q=a&limit=9&page=1']);
  assert.deepEqual(await asked({}), [plain, '{"limit":9,"page":1}']);
  assert.deepEqual(await asked({ body: { q: 'a' } }), [plain, '{"q":"a","limit":9,"page":1}']);
  const sent = server.received.length;
  await assert.rejects(asked({ format: 'text', body: 'SELECT 1' }), {
    code: 'DEFINITION_INVALID',
    message: /neither a form nor a JSON object: let its template insert \{cursor\}/,
  });
  assert.equal(server.received.length, sent, 'nothing is sent');
});
