import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it, type TestContext } from 'node:test';
import { parse as parseGraphql, validate } from 'graphql';
import { parse } from 'yaml';
import type { OpenConnection } from '../../connectors/ports.ts';
import { ENDPOINTS } from '../../definition/check-endpoint.ts';
import { connectorSchema } from '../../definition/schema/connector.ts';
import { connect, keysOf, outgoing, readAll, resolved, send } from './connect.ts';
import type { Bucket } from './graph-server.ts';
import { SHOPIFY } from './shopify-schema.ts';
import { Shop, TOKEN } from './shopify-shop.ts';

const { errors, hints, objects, limits, probe, version } = connectorSchema.parse(
  parse(readFileSync(new URL('../../connectors/manifests/shopify.yaml', import.meta.url), 'utf8')),
);
const PATH = version !== undefined && 'path' in version ? version.path : '';

/** The manifest that ships, over a shop by Shopify's documentation. */
async function open(
  context: TestContext,
  { token = TOKEN, bucket }: { readonly token?: string; readonly bucket?: Bucket } = {},
): Promise<{ readonly shop: Shop; readonly connection: OpenConnection; readonly warnings: readonly string[] }> {
  const shop = await Shop.open(context, bucket);
  const warnings: string[] = [];
  const auth = { type: 'api-key', in: 'header', name: 'X-Shopify-Access-Token', key: token };
  const described = resolved(`${shop.server.origin}${PATH}`, { name: 'shopify', auth, errors, hints, limits, objects, probe });
  const connection = connect(context, described, { onWarning: (_connection, message) => warnings.push(message) });
  return { shop, connection, warnings };
}

const product = (handle: string, fields = {}, targetId?: string) => ({
  fields: { handle, ...fields },
  match: handle,
  ...(targetId === undefined ? {} : { targetId }),
});

describe('Shopify', () => {
  for (const [name, object] of Object.entries(objects)) {
    it(`${name}: each document is valid by the public schema`, () => {
      for (const endpoint of ENDPOINTS) {
        const text = object[endpoint]?.graphql;
        if (text !== undefined)
          assert.deepEqual(
            validate(SHOPIFY, parseGraphql(text)).map(({ message }) => `${endpoint}: ${message}`),
            [],
          );
      }
    });
  }

  it('each document of a bulk operation is valid by the public schema, and so is the one that it runs', () => {
    const documents: string[] = [];
    const take = (value: unknown): void => {
      if (typeof value !== 'object' || value === null) return;
      for (const [key, inner] of Object.entries(value))
        if (typeof inner === 'string' && (key === 'graphql' || key === 'mutation')) documents.push(inner.replaceAll('{{', '{').replaceAll('}}', '}'));
        else take(inner);
    };
    for (const object of Object.values(objects)) for (const part of [object.upsert?.bulk, object.list?.export]) take(part);
    assert.equal(documents.length, 14);
    for (const text of documents) assert.deepEqual(validate(SHOPIFY, parseGraphql(text)), [], text);
  });

  it('a probe costs one point', async (context) => {
    const { shop, connection } = await open(context);
    await connection.probe();
    assert.deepEqual(
      shop.server.requests.map(({ cost }) => cost),
      [1],
    );
  });

  it('products are read by pages, all or those that changed', async (context) => {
    const { shop, connection } = await open(context, { bucket: { maximum: 10_000, restoreRate: 1_000 } });
    for (let count = 0; count < 300; count++) shop.addProduct({ handle: `p-${count}`, title: `Product ${count}` });
    const pages = await readAll(connection.source('products'));
    assert.deepEqual([pages.length, new Set(keysOf(pages)).size], [2, 300]);
    assert.equal(pages[0]?.records[0]?.fields['handle'], 'p-0');
    const since = String(shop.products[290]?.updatedAt);
    const changed = await connection.source('products').readPage({ window: { from: since }, cursor: undefined });
    assert.equal(changed.records.length, 10);
    assert.equal(shop.server.throttled, 0);
  });

  it('orders are read with their items, within the points of one query, and a run warns of those that have more', async (context) => {
    const { shop, connection, warnings } = await open(context);
    for (let count = 0; count < 25; count++) shop.addOrder({ items: count === 3 ? 41 : 2 });
    const pages = await readAll(connection.source('orders'));
    assert.deepEqual(
      pages.map(({ records }) => records.length),
      [20, 5],
    );
    assert.ok(
      shop.server.requests.every(({ cost }) => cost > 800 && cost <= 1_000),
      `${shop.server.requests[0]?.cost} points`,
    );
    assert.deepEqual(warnings, ['shopify.orders.list: some records have more lineItems than the document asks for: the rest is not read.']);
    assert.equal((await connection.source('orders').readOne?.('gid://shopify/Order/4'))?.key, 'gid://shopify/Order/4');
    assert.equal(await connection.source('orders').readOne?.('gid://shopify/Order/99'), undefined);
  });

  it('customers have their address and number beside the other fields, and are found by them', async (context) => {
    const { shop, connection } = await open(context);
    shop.addCustomer({ email: 'ada@x.test', phone: '+16135551111', firstName: 'Ada' });
    shop.addCustomer({ firstName: 'Nobody' });
    const [page] = await readAll(connection.source('customers'));
    assert.deepEqual(
      page?.records.map(({ fields }) => [fields['firstName'], fields['email'], fields['phone']]),
      [
        ['Ada', 'ada@x.test', '+16135551111'],
        ['Nobody', undefined, undefined],
      ],
    );
    const found = await connection.target('customers', 'email').search(['Ada@x.test', 'bob@x.test']);
    assert.deepEqual(
      [...found].map(([value, [hit]]) => [value, hit?.id]),
      [['Ada@x.test', 'gid://shopify/Customer/1']],
    );
  });

  it('a search shows all that the list shows', async (context) => {
    const { shop, connection } = await open(context);
    shop.addCustomer({ email: 'ada@x.test' });
    shop.addProduct({ handle: 'cup', title: 'Cup', descriptionHtml: '<p>Theirs</p>' });
    for (const [object, matchOn, match] of [
      ['customers', 'email', 'ada@x.test'],
      ['products', 'handle', 'cup'],
    ] as const) {
      const [page] = await readAll(connection.source(object));
      const [hit] = (await connection.target(object, matchOn).search([match])).get(match) ?? [];
      assert.deepEqual(hit?.fields, page?.records[0]?.fields);
    }
  });

  it('customers are set by e-mail or phone, ten a request; a refused one is told by its code', async (context) => {
    const { shop, connection } = await open(context);
    shop.addCustomer({ email: 'ada@x.test', phone: '+16135551111' });
    const target = connection.target('customers', 'email');
    assert.equal(target.abilities.upsert?.maxRecords, 10);
    const answer = await send(target, 'upsert', [
      outgoing('ada@x.test', { firstName: 'Ada' }),
      outgoing('bob@x.test', { phone: '+16135551111' }),
      outgoing('cyd@x.test'),
    ]);
    assert.deepEqual(answer, {
      answer: 'results',
      results: [
        { outcome: 'written', targetId: 'gid://shopify/Customer/1' },
        { outcome: 'rejected', rejection: { reason: 'api-rejected', message: 'Phone has already been taken', apiCode: 'TAKEN', retry: 'never' } },
        { outcome: 'written', targetId: 'gid://shopify/Customer/2' },
      ],
    });
    assert.equal(shop.customers[0]?.['firstName'], 'Ada');
  });

  it('products are set by handle, changed and deleted by id', async (context) => {
    const { shop, connection } = await open(context);
    shop.addProduct({ handle: 'cup', title: 'Cup' });
    const target = connection.target('products', 'handle');
    const set = await send(target, 'upsert', [product('cup', { vendor: 'Syncline' }), product('mug', { title: 'Mug', tags: ['new'] }), product('pot')]);
    assert.ok(set.answer === 'results');
    assert.deepEqual(
      set.results.map(({ outcome }) => outcome),
      ['written', 'written', 'rejected'],
    );
    assert.deepEqual(
      shop.products.map(({ title, vendor }) => [title, vendor]),
      [
        ['Cup', 'Syncline'],
        ['Mug', 'Acme'],
      ],
    );
    const changed = await send(target, 'update', [
      product('cup', { title: 'Big cup' }, 'gid://shopify/Product/1'),
      product('jar', {}, 'gid://shopify/Product/99'),
    ]);
    assert.ok(changed.answer === 'results' && changed.results[1]?.outcome === 'rejected');
    assert.equal(changed.results[1].rejection.reason, 'target-missing');
    assert.equal(shop.products[0]?.['title'], 'Big cup');
    assert.equal((await target.search(['MUG'])).get('MUG')?.[0]?.id, 'gid://shopify/Product/2');
    const removed = await send(target, 'delete', [product('cup', {}, 'gid://shopify/Product/1'), product('jar', {}, 'gid://shopify/Product/99')]);
    assert.ok(removed.answer === 'results');
    assert.deepEqual(
      removed.results.map(({ outcome }) => outcome),
      ['written', 'written'],
    );
  });

  it('the fields are what its schema says', async (context) => {
    const { connection } = await open(context);
    const { facts = [], origin } = (await connection.discover?.fields('products')) ?? {};
    assert.equal(origin, 'introspection');
    assert.deepEqual(
      facts.find(({ name }) => name === 'status'),
      { name: 'status', type: 'enum', values: ['ACTIVE', 'ARCHIVED', 'DRAFT', 'UNLISTED'] },
    );
    assert.deepEqual(
      facts.filter(({ isReadOnly }) => isReadOnly === true).map(({ name }) => name),
      ['id', 'totalInventory', 'createdAt', 'updatedAt', 'publishedAt'],
    );
  });
});

describe('Shopify refuses', () => {
  it('a token that is none', async (context) => {
    const { connection } = await open(context, { token: 'shpat_none' });
    await assert.rejects(connection.probe(), { code: 'CREDENTIALS_REJECTED', message: /Invalid API key or access token/ });
  });

  it('an app without a scope, with status 200', async (context) => {
    const { shop, connection } = await open(context);
    shop.denied = 'customers';
    await assert.rejects(connection.source('customers').readPage({ window: {}, cursor: undefined }), {
      code: 'CREDENTIALS_REJECTED',
      message: /Access denied for customers field/,
    });
  });

  it('an app that may not write, before anything was written', async (context) => {
    const { shop, connection } = await open(context);
    shop.denied = 'customerSet write';
    const batch = ['ada', 'bob'].map((name) => outgoing(`${name}@x.test`));
    await assert.rejects(send(connection.target('customers', 'email'), 'upsert', batch), {
      code: 'CREDENTIALS_REJECTED',
      message: /Access denied for customerSet field/,
    });
    assert.equal(shop.customers.length, 0);
  });

  it('to show what it has written: that is no refusal of the write', async (context) => {
    const { shop, connection } = await open(context);
    shop.hidesCustomers = true;
    const answer = await send(connection.target('customers', 'email'), 'upsert', [outgoing('ada@x.test')]);
    assert.deepEqual(answer, { answer: 'results', results: [{ outcome: 'unknown' }] });
    assert.equal(shop.customers.length, 1);
  });

  it('more points than there are: the write says how long to wait', async (context) => {
    const { shop, connection } = await open(context, { bucket: { maximum: 30, restoreRate: 10 } });
    const target = connection.target('products', 'handle');
    const batch = ['a', 'b'].map((handle) => product(handle, { title: handle }));
    const sent = await Promise.allSettled([send(target, 'create', batch), send(target, 'create', batch)]);
    const failed = sent.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
    assert.deepEqual(
      failed.map(({ code }) => code),
      ['RATE_LIMITED'],
    );
    assert.ok(failed[0].retry.afterMs > 500 && failed[0].retry.afterMs <= 1_000, `${failed[0].retry.afterMs} ms`);
    assert.equal(shop.products.length, 2);
  });

  it('a query that costs too much for one', async (context) => {
    const { shop, connection } = await open(context);
    const list = objects['orders']?.list;
    assert.ok(list !== undefined && list.page.type === 'graphql');
    const dear = { ...list, page: { ...list.page, size: { param: 'first', max: 50 } } };
    const other = connect(
      context,
      resolved(`${shop.server.origin}${PATH}`, {
        name: 'shopify',
        auth: { type: 'api-key', in: 'header', name: 'X-Shopify-Access-Token', key: TOKEN },
        errors,
        objects: { orders: { ...objects['orders'], list: dear } },
      }),
    );
    await assert.rejects(other.source('orders').readPage({ window: {}, cursor: undefined }), {
      code: 'REQUEST_REJECTED',
      message: /exceeds the single query max cost limit/,
    });
    assert.ok(connection.address.endsWith('/admin/api/2026-10/graphql.json'));
  });
});
