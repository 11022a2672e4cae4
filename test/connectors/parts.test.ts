import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { ReadSlice, ReadWindow } from '../../connectors/ports.ts';
import { partedFields } from '../../connectors/rest/field-parts.ts';
import { json, serve } from '../http/local-server.ts';
import { connect, keysOf, readAll, resolved, sourceOf } from './connect.ts';

const QUERY = {
  from: { value: '{window.from}', optional: true },
  to: { value: '{window.to}', optional: true },
  after: { value: '{slice.from}', optional: true },
  before: { value: '{slice.to}', optional: true },
};

describe('a list that is asked for whole days, weeks or months', () => {
  const cases: readonly (readonly [unit: 'day' | 'week' | 'month', window: ReadWindow, slice: ReadSlice, asked: string])[] = [
    ['day', { from: '2026-03-01T09:30:00Z', to: '2026-03-02T00:00:00Z' }, {}, 'from=2026-03-01T00:00:00Z&to=2026-03-02T00:00:00Z'],
    ['day', { from: '2026-03-01' }, {}, 'from=2026-03-01'],
    ['week', { from: '2026-03-01T09:30:00.5+02:00' }, { to: '2026-03-04 10:00:00' }, 'from=2026-02-23T00:00:00.000Z&before=2026-03-09 00:00:00'],
    ['month', { from: '2026-01-31T23:59:59Z' }, { from: 1_772_323_200, to: 1_772_323_201 }, 'from=2026-01-01T00:00:00Z&after=1772323200&before=1775001600'],
    ['month', { from: '4711' }, {}, 'from=4711'],
  ];
  for (const [whole, window, slice, asked] of cases)
    it(`${whole}: ${asked}`, async (context) => {
      const server = await serve(context, (__, response) => json(response, []));
      await sourceOf(context, server.url, { list: { get: '/', query: QUERY, records: '$', whole } }).readPage({ window, slice, cursor: undefined });
      assert.equal(decodeURIComponent(server.received[0]?.url ?? '').replaceAll('+', ' '), `/?${asked}`.replaceAll('+', ' '));
    });
});

describe('a list of changes', () => {
  it('is read in the place of the list where it is asked for, page by page', async (context) => {
    const server = await serve(context, ({ url }, response) =>
      json(response, url.startsWith('/changes') ? { data: [{ id: 2 }], ...(url.includes('after') ? {} : { next: 'n' }) } : { data: [{ id: 1 }] }),
    );
    const contacts = {
      list: { get: '/all', records: 'data' },
      changes: { get: '/changes', query: { since: '{window.from}' }, records: 'data', page: { type: 'cursor', cursor: 'next', param: 'after' } },
    };
    const source = sourceOf(context, server.url, contacts);
    const first = await source.readPage({ window: { from: '2026-01-01' }, cursor: undefined, changes: true });
    await source.readPage({ window: { from: '2026-01-01' }, cursor: first.next, changes: true });
    await source.readPage({ window: { from: '2026-01-01' }, cursor: undefined });
    assert.deepEqual(
      server.received.map(({ url }) => url),
      ['/changes?since=2026-01-01', '/changes?since=2026-01-01&after=n', '/all'],
    );
  });
});

describe('fields that are more than one request takes', () => {
  const FIELDS = { max: 3, always: ['id'] };
  /** Four records, two a page, each with what it is asked for. */
  async function begin(context: TestContext, list: object, more: object = {}) {
    const server = await serve(context, ({ url }, response) => {
      const { pathname, searchParams } = new URL(url, 'http://here');
      if (pathname === '/fields') return json(response, { list: ['a', 'b', 'c', 'd', 'e'].map((name) => ({ name })) });
      const names = (searchParams.get('fields') ?? '').split(',');
      const after = Number(searchParams.get('after') ?? 0);
      const shown = [1, 2, 3, 4].slice(after, after + 2).map((id) => ({ id, at: Object.fromEntries(names.map((name) => [name, `${name}${id}`])) }));
      json(response, { data: names.includes('gone') ? shown.slice(1) : shown, ...(after < 2 ? { next: String(after + 2) } : {}) });
    });
    const contacts = {
      ...more,
      list: { get: '/', query: { fields: "{$join(fieldNames, ',')}" }, records: 'data', page: { type: 'cursor', cursor: 'next', param: 'after' }, ...list },
    };
    const warnings: string[] = [];
    const connection = connect(context, resolved(server.url, { objects: { contacts } }), { onWarning: (__, message) => void warnings.push(message) });
    return { server, source: connection.source('contacts'), warnings };
  }

  it('are asked for part by part, and a record is put together by its key', async (context) => {
    const { server, source } = await begin(context, { fieldNames: FIELDS }, { knownFields: ['id', 'a', 'b', 'c', 'd', 'e'] });
    const pages = await readAll(source);
    assert.deepEqual(keysOf(pages), ['1', '2', '3', '4']);
    const whole = (id: number) => ({ id, at: Object.fromEntries(['id', 'a', 'b', 'c', 'd', 'e'].map((name) => [name, `${name}${id}`])) });
    assert.deepEqual(
      pages.flatMap(({ records }) => records.map(({ fields }) => fields)),
      [1, 2, 3, 4].map(whole),
    );
    const asked = server.received.map(({ url }) => decodeURIComponent(url)).toSorted();
    assert.deepEqual(asked, [
      '/?fields=id,a,b',
      '/?fields=id,a,b&after=2',
      '/?fields=id,c,d',
      '/?fields=id,c,d&after=2',
      '/?fields=id,e',
      '/?fields=id,e&after=2',
    ]);
    assert.deepEqual(keysOf(await readAll(source, pages[0]?.next)), ['3', '4']);
  });

  it('are asked for in the same parts where a record is read by its key, or by what changed', async (context) => {
    const server = await serve(context, ({ url }, response) => {
      const { pathname, searchParams } = new URL(url, 'http://here');
      const record = { id: 7, ...Object.fromEntries((searchParams.get('f') ?? '').split(',').map((name) => [name, name])) };
      json(response, pathname === '/7' ? record : pathname === '/changes' ? [record] : { message: 'none' }, pathname === '/8' ? 404 : 200);
    });
    const query = { f: "{$join(fieldNames, ',')}" };
    const list = { get: '/', query, records: '$', fieldNames: { max: 1 } };
    const source = sourceOf(context, server.url, {
      knownFields: ['a', 'b'],
      list,
      changes: { get: '/changes', query: { ...query, since: '{window.from}' }, records: '$' },
      get: { get: '/{id}', query },
    });
    const whole = { key: '7', fields: { id: 7, a: 'a', b: 'b' } };
    assert.deepEqual(await source.readOne?.('7'), whole);
    assert.equal(await source.readOne?.('8'), undefined);
    assert.deepEqual((await source.readPage({ window: { from: '2026' }, cursor: undefined, changes: true })).records, [whole]);
  });

  it('are those that the API tells, asked for once', async (context) => {
    const { server, source } = await begin(
      context,
      { fieldNames: { maxCharacters: 5 } },
      { fields: { get: '/fields', records: 'list', name: 'name' }, values: 'at' },
    );
    const pages = await readAll(source);
    assert.deepEqual(pages[1]?.records[0]?.fields, { id: 3, a: 'a3', b: 'b3', c: 'c3', d: 'd3', e: 'e3' });
    assert.equal(server.received.filter(({ url }) => url === '/fields').length, 1);
    assert.equal(server.received.length, 5);
  });

  it('a record that is not there for each of its parts is read as it is there, and people are told', async (context) => {
    const { source, warnings } = await begin(context, { fieldNames: FIELDS }, { knownFields: ['a', 'b', 'gone'] });
    const pages = await readAll(source);
    assert.deepEqual(keysOf(pages), ['1', '2', '3', '4']);
    assert.deepEqual(Object.keys(Object(pages[0]?.records[0]?.fields['at'])), ['id', 'a', 'b']);
    assert.equal(warnings.length, 1);
  });

  it('are cut so that no part is longer than it may be, where that can be', () => {
    assert.deepEqual(partedFields([], { always: ['id'], max: 2 }), [['id']]);
    assert.deepEqual(partedFields(['id', 'a', 'b'], { always: ['id'], max: 1 }), [
      ['id', 'a'],
      ['id', 'b'],
    ]);
    assert.deepEqual(partedFields(['aa', 'bb', 'cc', 'longest'], { always: [], maxCharacters: 5 }), [['aa', 'bb'], ['cc'], ['longest']]);
  });
});
