import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { Json } from '../../engine/json.ts';
import { json, type LocalServer, serve } from '../http/local-server.ts';
import { connect, keysOf, readAll, resolved } from './connect.ts';

const PAGED = { page: { type: 'cursor', cursor: 'next', param: 'after' } };
const LISTS = { list: { get: '/lists', query: { since: { value: '{window.from}', optional: true } }, records: 'lists', ...PAGED } };
const members = (parents: object = {}, more: object = {}) => ({
  primaryKey: "list_id & '/' & $string(id)",
  list: {
    get: '/lists/{parent.id}/members',
    query: { changed: { value: '{window.from}', optional: true } },
    records: 'members',
    ...PAGED,
    parents: { object: 'lists', add: { list_id: 'id', list: 'name' }, ...parents },
    ...more,
  },
});

/** Seven lists, three a page; list n has n members, two a page; the fourth is gone when its members are asked for. */
async function begin(context: TestContext, { parents, onMembers }: { parents?: object; onMembers?: () => void | Promise<void> } = {}) {
  const server = await serve(context, async ({ url }, response) => {
    const { pathname, searchParams } = new URL(url, 'http://here');
    const after = Number(searchParams.get('after') ?? 0);
    if (pathname === '/lists') {
      const lists = Array.from({ length: 7 }, (_, at) => ({ id: `l${at + 1}`, name: `List ${at + 1}`, note: 'long'.repeat(100) }));
      return json(response, { lists: lists.slice(after, after + 3), ...(after + 3 < 7 ? { next: String(after + 3) } : {}) });
    }
    await onMembers?.();
    const count = Number(/^\/lists\/l(\d)\/members$/.exec(pathname)?.[1]);
    if (count === 4) return json(response, { message: 'no such list' }, 404);
    const all = Array.from({ length: count }, (_, at) => ({ id: at + 1, email: `m${at + 1}@example.test` }));
    return json(response, { members: all.slice(after, after + 2), ...(after + 2 < count ? { next: String(after + 2) } : {}) });
  });
  const source = connect(context, resolved(server.url, { objects: { lists: LISTS, members: members(parents) } })).source('members');
  return { server, source };
}

const EXPECTED = [1, 2, 3, 5, 6, 7].flatMap((list) => Array.from({ length: list }, (_, at) => `l${list}/${at + 1}`));
const asked = (server: LocalServer, path: string) => server.received.filter(({ url }) => url.split('?')[0] === path).length;

describe('a list for each record of another object', () => {
  it('is read for all of them, paged on both sides, and each record has what its parent gives it', async (context) => {
    const { server, source } = await begin(context);
    const pages = await readAll(source);
    assert.deepEqual(keysOf(pages).toSorted(), EXPECTED.toSorted());
    const record = pages.flatMap(({ records }) => records).find(({ key }) => key === 'l7/7');
    assert.deepEqual(record?.fields, { id: 7, email: 'm7@example.test', list_id: 'l7', list: 'List 7' });
    assert.deepEqual([asked(server, '/lists'), asked(server, '/lists/l7/members')], [3, 4]);
  });

  it('goes on at the same place from any page, and asks for no list of parents again within it', async (context) => {
    const { server, source } = await begin(context);
    const pages = await readAll(source);
    for (const [index, { next }] of pages.entries()) {
      const before = asked(server, '/lists');
      const rest = next === undefined ? [] : await readAll(source, next);
      assert.deepEqual(keysOf([...pages.slice(0, index + 1), ...rest]).toSorted(), EXPECTED.toSorted(), `after page ${index}`);
      assert.ok(asked(server, '/lists') - before <= 2);
    }
    assert.ok(
      pages.every(({ next }) => next === undefined || JSON.stringify(next).length < 1_500),
      'what is not needed of a parent is not kept',
    );
  });

  it('is read for several parents side by side, as many as are allowed', async (context) => {
    let [inFlight, most] = [0, 0];
    const onMembers = async () => {
      most = Math.max(most, ++inFlight);
      await new Promise((resolve) => setTimeout(resolve, 20));
      inFlight -= 1;
    };
    const { source } = await begin(context, { parents: { parallel: 2 }, onMembers });
    assert.deepEqual(keysOf(await readAll(source)).toSorted(), EXPECTED.toSorted());
    assert.equal(most, 2);
  });

  it('is asked for what changed in the window; its parents only where the definition says that they change, too', async (context) => {
    for (const [changed, sinces] of [
      [false, [null, null, null]],
      [true, ['2026-01-01', '2026-01-01', '2026-01-01']],
    ] as const) {
      const { server, source } = await begin(context, { parents: { changed } });
      let cursor: Json | undefined;
      do cursor = (await source.readPage({ window: { from: '2026-01-01' }, cursor })).next;
      while (cursor !== undefined);
      const parameters = (path: RegExp, name: string) =>
        server.received.flatMap(({ url }) => (path.test(url) ? [new URL(url, 'http://here').searchParams.get(name)] : []));
      assert.deepEqual(parameters(/^\/lists(\?|$)/, 'since'), sinces);
      assert.deepEqual(new Set(parameters(/members/, 'changed')), new Set(['2026-01-01']));
    }
  });

  it('a place of another kind is no place', async (context) => {
    const { source } = await begin(context);
    await assert.rejects(source.readPage({ window: {}, cursor: { at: 'c1', walk: {} } }), { code: 'CURSOR_EXPIRED' });
  });
});
