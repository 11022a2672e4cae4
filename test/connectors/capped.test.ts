import assert from 'node:assert/strict';
import { it, type TestContext } from 'node:test';
import { json, serve } from '../http/local-server.ts';
import { keysOf, readAll, sourceOf } from './connect.ts';

const time = (minute: number) => `2026-01-01T00:${String(minute).padStart(2, '0')}:00Z`;

/** A search by time, pages of 10 by offset, that shows the first 30 records it finds. @param perTime records of the same time */
function search(context: TestContext, records: number, perTime: number, { isAfter = false, timeOf = time } = {}) {
  const all = Array.from({ length: records }, (_, at) => ({ id: at + 1, updated_at: timeOf(Math.floor(at / perTime)) }));
  return serve(context, ({ url }, response) => {
    const { searchParams } = new URL(url, 'http://here');
    const since = searchParams.get('since') ?? '';
    const found = all.filter(({ updated_at }) => (isAfter ? updated_at > since : updated_at >= since));
    const offset = Number(searchParams.get('offset') ?? 0);
    if (offset >= 30) return json(response, { message: 'no more than 30 of one search' }, 400);
    json(response, { total: found.length, results: found.slice(offset, Math.min(30, offset + 10)) });
  });
}

const list = {
  get: '/search',
  query: { since: { value: '{window.from}', optional: true } },
  records: 'results',
  page: { type: 'offset', size: { param: 'limit', max: 10 }, total: 'total' },
};

it('a search that shows no more than so many records is followed by one from where it ended, and none is passed by', async (context) => {
  const server = await search(context, 107, 3);
  const source = sourceOf(context, server.url, { list: { ...list, cap: { records: 30, by: 'updated_at' } } });
  const pages = await readAll(source);
  const expected = Array.from({ length: 107 }, (_, at) => String(at + 1));
  assert.deepEqual([...new Set(keysOf(pages))], expected);
  assert.ok(keysOf(pages).length > 107, 'records of the same time come twice');
  for (const { next } of pages) {
    const rest = next === undefined ? [] : await readAll(source, next);
    const index = pages.findIndex((page) => page.next === next);
    assert.deepEqual([...new Set(keysOf([...pages.slice(0, index + 1), ...rest]))].length, 107);
  }
  assert.equal(keysOf(await readAll(sourceOf(context, server.url, { list }))).length, 30, 'without it that is all there is');
});

for (const [name, api] of Object.entries({
  'that leaves out what is equal to its bound': { isAfter: true },
  'that shows the records of the second before once more': { timeOf: (at: number) => time(0).replace('00Z', `${String(at).padStart(2, '0')}Z`) },
})) {
  it(`a search ${name} passes by none either`, async (context) => {
    const server = await search(context, 107, 17, api);
    const source = sourceOf(context, server.url, { list: { ...list, cap: { records: 30, by: 'updated_at' } } });
    assert.equal(new Set(keysOf(await readAll(source))).size, 107);
  });
}

it('more records of the same moment than a search shows are told of, not left out', async (context) => {
  const server = await search(context, 100, 40);
  const source = sourceOf(context, server.url, { list: { ...list, cap: { records: 30, by: 'updated_at' } } });
  await assert.rejects(readAll(source), {
    code: 'CONTRACT_BROKEN',
    message: /more than 30 records have the same "updated_at".*name a finer one, or use slices/,
  });
});

it('a feed that begins with what is new is read until it comes to what is known', async (context) => {
  const server = await serve(context, ({ url }, response) => {
    const page = Number(new URL(url, 'http://here').searchParams.get('page'));
    json(response, { posts: [5, 4, 3, 2, 1].map((at) => ({ id: 100 - page * 5 + at, updated_at: time(50 - page * 5 + at) })) });
  });
  const feed = { get: '/feed', records: 'posts', page: { type: 'page' }, until: 'record.updated_at < window.from' };
  const source = sourceOf(context, server.url, { list: feed });
  const window = { from: time(40) };
  const first = await source.readPage({ window, cursor: undefined });
  const second = await source.readPage({ window, cursor: first.next });
  const third = await source.readPage({ window, cursor: second.next });
  assert.deepEqual([first.next === undefined, second.next === undefined, third.next], [false, false, undefined]);
});
