import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { ReadWindow } from '../../connectors/ports.ts';
import { json, type LocalServer, serve } from '../http/local-server.ts';
import { keysOf, readAll, sourceOf } from './connect.ts';

type Contacts = { readonly [key: string]: unknown };

const answering = (context: TestContext, body: unknown, status = 200, headers = {}): Promise<LocalServer> =>
  serve(context, (_request, response) => json(response, body, status, headers));

async function readFirst(context: TestContext, url: string, contacts: Contacts, window: ReadWindow = {}) {
  return sourceOf(context, url, contacts).readPage({ window, cursor: undefined });
}

describe('the request of a list', () => {
  it('inserts the window, and leaves out what is optional and has no value', async (context) => {
    const server = await answering(context, { data: [] });
    const list = {
      get: '/contacts',
      query: { status: 'active', size: 100, changed_after: { value: '{window.from}', optional: true }, deep: true },
      headers: { 'X-Since': '{window.from}', 'X-Mode': 'sync' },
      records: 'data',
    };
    await readFirst(context, server.url, { list });
    await readFirst(context, server.url, { list }, { from: '2026-01-01T00:00:00Z' });
    const [full, incremental] = server.received;
    assert.equal(full?.url, '/contacts?status=active&size=100&deep=true');
    assert.equal(full?.headers['x-since'], undefined);
    assert.equal(full?.headers['x-mode'], 'sync');
    assert.equal(incremental?.url, '/contacts?status=active&size=100&changed_after=2026-01-01T00%3A00%3A00Z&deep=true');
    assert.equal(incremental?.headers['x-since'], '2026-01-01T00:00:00Z');
  });

  it('a query parameter without a value is a mistake that is named, and nothing is sent', async (context) => {
    const server = await answering(context, { data: [] });
    const list = { get: '/contacts', query: { updated_after: '{window.from}' }, records: 'data' };
    await assert.rejects(readFirst(context, server.url, { list }), {
      code: 'DEFINITION_INVALID',
      message: 'crm.contacts.list.query.updated_after has no value: mark it "optional: true" if it may be left out.',
    });
    assert.equal(server.received.length, 0);
  });

  it('an expression that fails is named, too', async (context) => {
    const server = await answering(context, { data: [] });
    const list = { get: '/contacts', query: { since: '{$toMillis(window.from)}' }, records: 'data' };
    await assert.rejects(readFirst(context, server.url, { list }, { from: 'yesterday' }), {
      code: 'DEFINITION_INVALID',
      message: /crm\.contacts\.list: .*toMillis/,
    });
  });

  it("templates may place the cursor themselves: the API's own, or the number of the page", async (context) => {
    const server = await serve(context, ({ body }, response) => json(response, { data: [{ id: String(body) }], next: body.includes('c2') ? null : 'c2' }));
    const list = { post: '/contacts', body: { paging: { after: '{cursor}' } }, records: 'data', page: { type: 'cursor', cursor: 'next', param: 'unused' } };
    await readAll(sourceOf(context, server.url, { list }));
    assert.deepEqual(
      server.received.map(({ body }) => JSON.parse(body)),
      [{ paging: {} }, { paging: { after: 'c2' } }],
    );

    const numbered = await serve(context, ({ url }, response) => json(response, { data: url.includes('page-2') ? [] : [{ id: 1 }] }));
    const byPath = { get: '/contacts/page-{cursor ? cursor : 1}', records: 'data', page: { type: 'page', param: 'p' } };
    await readAll(sourceOf(context, numbered.url, { list: byPath }));
    assert.deepEqual(
      numbered.received.map(({ url }) => url),
      ['/contacts/page-1?p=1', '/contacts/page-2?p=2'],
    );
  });
});

describe('the records of an answer', () => {
  const list = { get: '/contacts', records: 'data.items' };

  it('lie in a list each, however many there are', async (context) => {
    for (const [records, wrapped] of Object.entries({
      'edges.node': (ids: readonly object[]) => ({ edges: ids.map((node) => ({ node })) }),
      'groups.contacts': (ids: readonly object[]) => ({ groups: [{ contacts: ids.slice(0, 1) }, { contacts: ids.slice(1) }] }),
    }))
      for (const count of [3, 2, 1, 0]) {
        const ids = Array.from({ length: count }, (_, id) => ({ id }));
        const { url } = await answering(context, wrapped(ids));
        const page = await readFirst(context, url, { list: { get: '/contacts', records } });
        assert.deepEqual(
          keysOf([page]),
          ids.map(({ id }) => String(id)),
          `${count} at ${records}`,
        );
      }
  });

  it('are not looked for at a wrong path, nor is one object a list', async (context) => {
    for (const [records, body] of [
      ['edges.nod', { edges: [{ node: { id: 1 } }] }],
      ['edge.node', { edges: [] }],
      ['edges.node', { edges: { node: { id: 1 } } }],
      ['data', []],
    ] as const)
      await assert.rejects(
        readFirst(context, (await answering(context, body)).url, { list: { get: '/contacts', records } }),
        { code: 'CONTRACT_BROKEN' },
        records,
      );
  });

  it('a wrong path is an error that names the path and what there is, and no value', async (context) => {
    const server = await answering(context, { contacts: [{ id: 1, email: 'ada@example.test' }], meta: { total: 1 } });
    await assert.rejects(readFirst(context, server.url, { list }), (error: Error) => {
      assert.match(error.message, /^crm\.contacts\.list: the records path "data\.items" finds nothing\. The answer has: contacts, meta\./);
      assert.ok(!error.message.includes('ada'));
      return true;
    });
  });

  const notLists: Readonly<Record<string, readonly [body: unknown, found: RegExp]>> = {
    'an object': [{ data: { items: { first: 1 } } }, /finds no list but: first\. The answer has: data\./],
    'a null': [{ data: { items: null } }, /finds null\./],
    'a text': [{ data: { items: 'none' } }, /finds no list but: text\./],
    'nothing, in a list': [[], /finds nothing\. The answer has: a list of 0\./],
    'nothing, in a page of text': ['<html>', /finds nothing\. The answer has: text\./],
  };
  for (const [name, [body, message]] of Object.entries(notLists)) {
    it(`${name} is no list`, async (context) => {
      const server = await answering(context, body);
      await assert.rejects(readFirst(context, server.url, { list }), { code: 'CONTRACT_BROKEN', message });
    });
  }

  it('an empty list is an empty page; an expression may make a list of what the API says for none and one', async (context) => {
    assert.deepEqual((await readFirst(context, (await answering(context, { data: { items: [] } })).url, { list })).records, []);
    const lenient = { get: '/contacts', records: 'data.items ? [data.items] : []' };
    for (const [items, keys] of [
      [null, []],
      [{ id: 1 }, ['1']],
      [
        [{ id: 1 }, { id: 2 }],
        ['1', '2'],
      ],
    ] as const) {
      const server = await answering(context, { data: { items } });
      assert.deepEqual(keysOf([await readFirst(context, server.url, { list: lenient })]), keys);
    }
  });

  it('an expression that picks a single record gives a page of one', async (context) => {
    const server = await answering(context, [
      { id: 1, kind: 'person' },
      { id: 2, kind: 'robot' },
    ]);
    assert.deepEqual(keysOf([await readFirst(context, server.url, { list: { get: '/', records: "$[kind = 'person']" } })]), ['1']);
  });

  it('a record without its key is an error that names what the record has', async (context) => {
    const server = await answering(context, { data: { items: [{ id: 1 }, { uuid: 'x', email: 'ada@example.test' }] } });
    await assert.rejects(readFirst(context, server.url, { list }), {
      code: 'CONTRACT_BROKEN',
      message: /a record has no primary key at "id"\. It has: uuid, email\./,
    });
  });

  for (const id of ['', null, true, { deep: 1 }]) {
    it(`${JSON.stringify(id)} is no key`, async (context) => {
      const server = await answering(context, { data: { items: [{ id }] } });
      await assert.rejects(readFirst(context, server.url, { list }), { code: 'CONTRACT_BROKEN' });
    });
  }

  it('keys are text, whether number, text or made of several fields', async (context) => {
    const body = {
      data: {
        items: [
          { id: 17, tenant: 'a' },
          { id: '018', tenant: 'b' },
          { id: 0, tenant: 'c' },
        ],
      },
    };
    const server = await answering(context, body);
    assert.deepEqual(keysOf([await readFirst(context, server.url, { list })]), ['17', '018', '0']);
    assert.deepEqual(keysOf([await readFirst(context, server.url, { list, primaryKey: "tenant & '/' & id" })]), ['a/17', 'b/018', 'c/0']);
  });

  it('half a surrogate pair in a key is U+FFFD, as a store keeps it: what was told of the record is found again', async (context) => {
    const server = await answering(context, { data: { items: [{ id: 'cut \ud83d', name: 'cut \ud83d' }] } });
    const { records } = await readFirst(context, server.url, { list });
    assert.deepEqual(records, [{ key: 'cut \ufffd', fields: { id: 'cut \ud83d', name: 'cut \ud83d' } }]);
  });

  it('fields that lie apart are put beside the others, and the key keeps its place', async (context) => {
    const server = await answering(context, {
      data: { items: [{ id: '7', archived: false, properties: { email: 'a@x.test', id: 'other', archived: 'no' } }] },
    });
    const page = await readFirst(context, server.url, { list, values: 'properties' });
    assert.deepEqual(page.records, [{ key: '7', fields: { id: '7', archived: 'no', email: 'a@x.test' } }]);
  });

  it("tells the source's clock, its total and the size of the answer", async (context) => {
    const body = { data: { items: [{ id: 1 }] }, total: 12 };
    const server = await answering(context, body, 200, { date: 'Sun, 01 Mar 2026 12:00:00 GMT' });
    const before = Date.now();
    const page = await readFirst(context, server.url, { list: { ...list, page: { type: 'cursor', cursor: 'next', param: 'after', total: 'total' } } });
    const early = Date.parse('2026-03-01T12:00:00Z') - (page.serverTime ?? 0);
    assert.ok(early > 0 && early < 5_000, 'when it was asked, not when it had answered');
    assert.equal(page.total, 12);
    assert.equal(page.bytes, JSON.stringify(body).length);
    assert.ok(page.observedAt >= before && page.observedAt <= Date.now());
  });

  it('a refused list is told with the words of the API', async (context) => {
    const server = await answering(context, { message: 'unknown filter' }, 400);
    await assert.rejects(readFirst(context, server.url, { list }), {
      code: 'REQUEST_REJECTED',
      message: 'crm refused crm.contacts.list (400): unknown filter. Check the endpoint in the connector.',
    });
  });
});

describe('one record', () => {
  const contacts = { values: 'properties', list: { get: '/contacts', records: 'data' }, get: { get: '/contacts/{id}', record: 'data' } };

  it('is read by its key, whatever characters that has', async (context) => {
    const server = await answering(context, { data: { id: 'a/b?c', properties: { email: 'a@x.test' } } });
    assert.deepEqual(await sourceOf(context, server.url, contacts).readOne?.('a/b?c'), { key: 'a/b?c', fields: { id: 'a/b?c', email: 'a@x.test' } });
    assert.equal(server.received[0]?.url, '/contacts/a%2Fb%3Fc');
  });

  it('that is gone is undefined; a wrong path is not', async (context) => {
    const gone = await answering(context, { message: 'no such contact' }, 404);
    assert.equal(await sourceOf(context, gone.url, contacts).readOne?.('7'), undefined);
    const elsewhere = await answering(context, { contact: { id: 7 } });
    await assert.rejects(async () => sourceOf(context, elsewhere.url, contacts).readOne?.('7'), { code: 'CONTRACT_BROKEN' });
  });

  it('cannot be read where the connector has no get', async (context) => {
    const server = await answering(context, { data: [] });
    assert.equal(sourceOf(context, server.url, { list: contacts.list }).readOne, undefined);
  });
});
