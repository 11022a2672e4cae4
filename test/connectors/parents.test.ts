import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { Json } from '../../engine/json.ts';
import { isJsonArray } from '../../engine/plain-json.ts';
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

/** Answers by path; `paged` lists by the parameter `after`, two a page. */
async function serving(context: TestContext, answers: (path: string, query: URLSearchParams) => Json | undefined) {
  return serve(context, ({ url }, response) => {
    const { pathname, searchParams } = new URL(url, 'http://here');
    const answer = answers(pathname, searchParams);
    if (answer === undefined) return json(response, { message: 'not here' }, 404);
    if (!isJsonArray(answer)) return json(response, answer);
    const after = Number(searchParams.get('after') ?? 0);
    json(response, { items: answer.slice(after, after + 2), ...(after + 2 < answer.length ? { next: String(after + 2) } : {}) });
  });
}

const listed = (get: string, parents?: object, more: object = {}) => ({
  list: { get, records: 'items', ...PAGED, ...(parents === undefined ? {} : { parents }), ...more },
});
const ids = (prefix: string, count: number) => Array.from({ length: count }, (_, at) => ({ id: `${prefix}${at + 1}` }));

describe('parents that have parents', () => {
  const objects = {
    workspaces: listed('/workspaces', undefined, { query: { since: { value: '{window.from}', optional: true } } }),
    boards: listed('/{parent.id}/boards', { object: 'workspaces', parallel: 2, changed: true, add: { workspace: 'id' } }),
    cards: listed('/{parent.workspace}/{parent.id}/cards', { object: 'boards', parallel: 3, changed: true, add: { workspace: 'workspace' } }),
    notes: { ...listed('/{parent.workspace}/cards/{parent.id}/notes', { object: 'cards', changed: true }), primaryKey: 'id' },
  };
  const answers = (path: string): Json | undefined => {
    if (path === '/workspaces') return ids('w', 3);
    const [, workspace = '', id, last] = path.split('/');
    if (id === 'boards') return ids(`${workspace}b`, Number(workspace.slice(1)));
    if (last === 'cards') return ids(`${id}c`, 3);
    return id === 'cards' ? ids(`${path.split('/')[3]}n`, 1) : undefined;
  };
  const EXPECTED_NOTES = [1, 2, 3].flatMap((w) => Array.from({ length: w }, (_, b) => b + 1).flatMap((b) => [1, 2, 3].map((c) => `w${w}b${b}c${c}n1`)));

  it('are read as deep as it goes, and from any place on: the place in each list is kept', async (context) => {
    const server = await serving(context, answers);
    const source = connect(context, resolved(server.url, { objects })).source('notes');
    const pages = await readAll(source);
    assert.deepEqual(keysOf(pages).toSorted(), EXPECTED_NOTES.toSorted());
    for (const [index, { next }] of pages.entries()) {
      const rest = next === undefined ? [] : await readAll(source, next);
      assert.deepEqual(keysOf([...pages.slice(0, index + 1), ...rest]).toSorted(), EXPECTED_NOTES.toSorted(), `after page ${index}`);
      assert.ok(next === undefined || JSON.stringify(next).length < 2_500, 'a place is small');
    }
  });

  it('are asked for what changed where each says that its parents change, too', async (context) => {
    const server = await serving(context, answers);
    await connect(context, resolved(server.url, { objects }))
      .source('notes')
      .readPage({ window: { from: '2026-01-01' }, cursor: undefined });
    assert.equal(server.received[0]?.url, '/workspaces?since=2026-01-01');
  });

  it('are refused where they would be their own', async (context) => {
    const server = await serving(context, answers);
    const circle = { a: listed('/{parent.id}/a', { object: 'b' }), b: listed('/{parent.id}/b', { object: 'a' }) };
    assert.throws(() => connect(context, resolved(server.url, { objects: circle })).source('a'), /a are their own parents/);
  });
});

describe('parents of several kinds, values, groups', () => {
  it('are read one kind after the other, from any place on', async (context) => {
    const server = await serving(context, (path) =>
      path.endsWith('members') ? ids(`${path.split('/')[2]}m`, 3) : path === '/lists' ? ids('l', 3) : ids('s', 2),
    );
    const members = listed('/{parentObject}/{parent.id}/members', [{ object: 'lists', parallel: 2 }, { object: 'segments' }]);
    const source = connect(context, resolved(server.url, { objects: { lists: listed('/lists'), segments: listed('/segments'), members } })).source('members');
    const expected = ['l1', 'l2', 'l3', 's1', 's2'].flatMap((parent) => [1, 2, 3].map((n) => `${parent}m${n}`));
    const pages = await readAll(source);
    assert.deepEqual(keysOf(pages).toSorted(), expected);
    for (const [index, { next }] of pages.entries()) {
      const rest = next === undefined ? [] : await readAll(source, next);
      assert.deepEqual(keysOf([...pages.slice(0, index + 1), ...rest]).toSorted(), expected, `after page ${index}`);
    }
    await assert.rejects(source.readPage({ window: {}, cursor: { turn: 7 } }), { code: 'CURSOR_EXPIRED' });
  });

  it('each parent once for each value, and values alone', async (context) => {
    const server = await serving(context, (path, query) => (path === '/lists' ? ids('l', 3) : [{ id: `${path}${query.get('is') ?? ''}` }]));
    const query = { is: '{parent.value}' };
    const objects = {
      lists: listed('/lists'),
      members: listed('/m/{parent.id}', { object: 'lists', values: [true, 7], add: { is: 'value', list: 'id' } }, { query }),
      reports: listed('/r', { values: ['a', 'b'] }, { query }),
    };
    const connection = connect(context, resolved(server.url, { objects }));
    const pages = await readAll(connection.source('members'));
    assert.deepEqual(
      keysOf(pages).toSorted(),
      [1, 2, 3].flatMap((n) => [`/m/l${n}7`, `/m/l${n}true`]),
    );
    assert.deepEqual(pages[0]?.records[1]?.fields, { id: '/m/l17', is: 7, list: 'l1' });
    assert.deepEqual(keysOf(await readAll(connection.source('reports'))), ['/ra', '/rb']);
  });

  it('many in one request, whose pages go on with the same ones', async (context) => {
    const server = await serving(context, (path, query) => (path === '/lists' ? ids('l', 2) : (query.get('ids') ?? '').split(',').flatMap((id) => ids(id, 2))));
    const objects = {
      lists: { list: { get: '/lists', records: 'items' } },
      members: listed('/m', { object: 'lists', group: 5, parallel: 1 }, { query: { ids: "{$join(parents.id, ',')}" } }),
    };
    const source = connect(context, resolved(server.url, { objects })).source('members');
    const pages = await readAll(source);
    assert.deepEqual(keysOf(pages), ['l11', 'l12', 'l21', 'l22']);
    assert.deepEqual(
      server.received.map(({ url }) => url),
      ['/lists', '/m?ids=l1%2Cl2', '/m?ids=l1%2Cl2&after=2'],
    );
    assert.deepEqual(keysOf(await readAll(source, pages[0]?.next)), ['l21', 'l22']);
  });

  it('of which one is gone are not all gone', async (context) => {
    const server = await serving(context, (path) => (path === '/lists' ? ids('l', 2) : undefined));
    const objects = { lists: listed('/lists'), members: listed('/m', { object: 'lists', group: 5 }, { query: { ids: "{$join(parents.id, ',')}" } }) };
    await assert.rejects(readAll(connect(context, resolved(server.url, { objects })).source('members')), { code: 'REQUEST_REJECTED' });
  });

  it('hold the first page themselves; what follows, and what they do not hold, is asked for', async (context) => {
    const orders = [
      { id: 'o1', lines: { items: [{ id: 'o1a' }, { id: 'o1b' }], next: '2' } },
      { id: 'o2', lines: { items: [] } },
      { id: 'o3' },
      { id: 'o4', lines: { items: [{ id: 'o4a' }] } },
    ];
    const server = await serving(context, (path) => (path === '/orders' ? orders : path === '/o1' ? ids('x', 3) : ids('y', 1)));
    const objects = {
      orders: listed('/orders'),
      lines: listed('/{parent.id}', { object: 'orders', within: 'lines', add: { order: 'id' } }),
      inner: { list: { records: 'items', parents: { object: 'orders', within: 'lines' } } },
    };
    const connection = connect(context, resolved(server.url, { objects }));
    const pages = await readAll(connection.source('lines'));
    assert.deepEqual(keysOf(pages).toSorted(), ['o1a', 'o1b', 'o4a', 'x3', 'y1']);
    assert.deepEqual(pages[0]?.records[0]?.fields, { id: 'o1a', order: 'o1' });
    assert.deepEqual(server.received.map(({ url }) => url).toSorted(), ['/o1?after=2', '/o3', '/orders', '/orders?after=2']);
    for (const [index, { next }] of pages.entries())
      if (next !== undefined)
        assert.deepEqual(keysOf([...pages.slice(0, index + 1), ...(await readAll(connection.source('lines'), next))]).toSorted(), [
          'o1a',
          'o1b',
          'o4a',
          'x3',
          'y1',
        ]);
    assert.deepEqual(keysOf(await readAll(connection.source('inner'))), ['o1a', 'o1b', 'o4a']);
  });
});
