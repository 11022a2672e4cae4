import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { keysOf, outgoing, readAll, send, sourceOf, targetOf } from './connect.ts';

/** What is used of json-server, which has no types: a real REST server that is not ours. */
interface JsonServer {
  create(): RequestListener & { use(handler: unknown): void };
  defaults(options: { readonly logger: boolean }): unknown;
  router(data: { readonly [collection: string]: readonly Contact[] }): { readonly db: { getState(): { readonly contacts: readonly Contact[] } } };
}

interface Contact {
  readonly id: number;
  readonly email: string;
  readonly name?: string;
}

const jsonServer: JsonServer = createRequire(import.meta.url)('json-server'); // its package has no types

const CONTACTS: readonly Contact[] = Array.from({ length: 25 }, (_, index) => ({ id: index + 1, email: `u${index + 1}@x.test` }));
const KEYS = CONTACTS.map(({ id }) => String(id));

async function serveContacts(context: TestContext): Promise<{ readonly url: string; readonly contacts: () => readonly Contact[] }> {
  const app = jsonServer.create();
  const router = jsonServer.router({ contacts: structuredClone(CONTACTS) });
  app.use(jsonServer.defaults({ logger: false }));
  app.use(router);
  const server = createServer(app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  context.after(() => {
    server.closeAllConnections();
    server.close();
  });
  // eslint-disable-next-line @typescript-eslint/consistent-type-assertions -- a TCP server has no other kind of address
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, contacts: () => router.db.getState().contacts };
}

const SIZE = { size: { param: '_limit', max: 10 } };
const COUNT = { total: "headers.'x-total-count'" };

describe('json-server as a source', () => {
  const lists = {
    'by page and X-Total-Count': { get: '/contacts', records: '$', page: { type: 'page', param: '_page', ...SIZE, ...COUNT } },
    'by page, until a page is empty': { get: '/contacts', records: '$', page: { type: 'page', param: '_page', ...SIZE } },
    'by its Link header': { get: '/contacts?_page=1&_limit=10', records: '$', page: { type: 'next-url', ...COUNT } },
    'by offset': { get: '/contacts', records: '$', page: { type: 'offset', param: '_start', ...SIZE, ...COUNT } },
    'at once': { get: '/contacts', records: '$' },
  };
  for (const [name, list] of Object.entries(lists)) {
    it(`is read whole ${name}`, async (context) => {
      const { url } = await serveContacts(context);
      const pages = await readAll(sourceOf(context, url, { list }));
      assert.deepEqual(keysOf(pages), KEYS);
      assert.equal(pages.length, name === 'at once' ? 1 : name.endsWith('empty') ? 4 : 3);
      assert.deepEqual(pages[0]?.records[0], { key: '1', fields: CONTACTS[0] });
      const [first] = pages;
      if (first?.next !== undefined) assert.deepEqual(keysOf(await readAll(sourceOf(context, url, { list }), first.next)), KEYS.slice(10));
    });
  }

  it('gives one record, or none', async (context) => {
    const { url } = await serveContacts(context);
    const source = sourceOf(context, url, { list: lists['at once'], get: { get: '/contacts/{id}' } });
    assert.deepEqual(await source.readOne?.('7'), { key: '7', fields: { id: 7, email: 'u7@x.test' } });
    assert.equal(await source.readOne?.('99'), undefined);
  });
});

describe('json-server as a target', () => {
  const contacts = {
    create: { post: '/contacts' },
    update: { patch: '/contacts/{id}' },
    delete: { delete: '/contacts/{id}' },
    search: { get: '/contacts', query: { email: '{key}' }, records: '$', max: 1 },
  };

  it('takes a create, and tells the id', async (context) => {
    const { url, contacts: held } = await serveContacts(context);
    const answer = await send(targetOf(context, url, contacts), 'create', [outgoing('new@x.test', { name: 'New' })]);
    assert.deepEqual(answer, { answer: 'results', results: [{ outcome: 'written', targetId: '26' }] });
    assert.deepEqual(held().at(-1), { email: 'new@x.test', name: 'New', id: 26 });
  });

  it('takes updates by PATCH and by PUT', async (context) => {
    const { url, contacts: held } = await serveContacts(context);
    await send(targetOf(context, url, contacts), 'update', [{ fields: { name: 'Seven' }, match: 'u7@x.test', targetId: '7' }]);
    assert.deepEqual(held()[6], { id: 7, email: 'u7@x.test', name: 'Seven' });
    const replacing = targetOf(context, url, { ...contacts, update: { put: '/contacts/{id}' } });
    assert.deepEqual(await send(replacing, 'update', [outgoing('eight@x.test', {}, '8')]), {
      answer: 'results',
      results: [{ outcome: 'written', targetId: '8' }],
    });
    assert.deepEqual(held()[7], { email: 'eight@x.test', id: 8 });
  });

  it('says that a record to be updated is gone', async (context) => {
    const { url } = await serveContacts(context);
    const answer = await send(targetOf(context, url, contacts), 'update', [outgoing('x@x.test', {}, '99')]);
    assert.ok(answer.answer === 'results' && answer.results[0]?.outcome === 'rejected' && answer.results[0].rejection.reason === 'target-missing');
  });

  it('takes a delete, also of what is gone already', async (context) => {
    const { url, contacts: held } = await serveContacts(context);
    for (let times = 0; times < 2; times++) {
      assert.deepEqual(await send(targetOf(context, url, contacts), 'delete', [outgoing('u7@x.test', {}, '7')]), {
        answer: 'results',
        results: [{ outcome: 'written' }],
      });
    }
    assert.equal(held().length, 24);
  });

  it('is searched by match value', async (context) => {
    const { url } = await serveContacts(context);
    const found = await targetOf(context, url, contacts).search(['u3@x.test', 'nobody@x.test']);
    assert.deepEqual([...found], [['u3@x.test', [{ id: '3', fields: CONTACTS[2] }]]]);
  });
});
