import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { ObservedExchange, OpenConnection, Page, RequestObserver } from '../../connectors/ports.ts';
import { readWhenDone } from '../../connectors/read-when-done.ts';
import { SyncError } from '../../engine/errors.ts';
import { connect, resolved } from './connect.ts';
import { shippedConnector } from './shipped-connector.ts';
import { Shop, TOKEN } from './shopify-shop.ts';

const { errors, hints, objects, limits, version } = shippedConnector('shopify');
const PATH = version !== undefined && 'path' in version ? version.path : '';

/** With looks that follow at once. */
function hasty(): typeof objects {
  const text = JSON.stringify(objects).replaceAll('"every":"10s"', '"every":"5ms"');
  return JSON.parse(text);
}

async function open(context: TestContext, more: object = {}): Promise<{ readonly shop: Shop; readonly connection: OpenConnection }> {
  const shop = await Shop.open(context);
  const auth = { type: 'api-key', in: 'header', name: 'X-Shopify-Access-Token', key: TOKEN };
  const described = { name: 'shopify', auth, headers: { 'x-ours': 'only for the API' }, errors, hints, limits, objects: hasty(), ...more };
  return { shop, connection: connect(context, resolved(`${shop.server.origin}${PATH}`, described)) };
}

const person = (email: string, fields = {}) => ({ match: email, fields: { email, ...fields } });

async function make(connection: OpenConnection, records: readonly ReturnType<typeof person>[], observer?: RequestObserver) {
  const target = connection.target('customers', 'email', observer);
  const writer = target.jobs?.upsert;
  assert.ok(writer);
  const created = await writer.create({ id: 'b_1', kind: 'upsert', records, permit: await target.acquirePermit(), checkBeforeDispatch: async () => undefined });
  assert.ok(created.answer === 'created' && created.upload !== undefined, JSON.stringify(created));
  return { writer, job: created.job, upload: created.upload };
}

async function readAll(connection: OpenConnection, object: string, window = {}): Promise<readonly Page[]> {
  const pages: Page[] = [];
  for (let cursor: Page['next'] | null = null; cursor !== undefined; cursor = pages.at(-1)?.next)
    pages.push(await readWhenDone(connection.source(object), { window, cursor: cursor ?? undefined }));
  return pages;
}

describe('a bulk operation of Shopify that writes', () => {
  it('takes a file on another host, runs a mutation for each line, and tells of each by its number', async (context) => {
    const { shop, connection } = await open(context);
    shop.addCustomer({ email: 'ada@x.test', phone: '+4101' });
    const records = [person('ada@x.test', { firstName: 'Ada' }), person('bob@x.test', { phone: '+4101' }), person('cy@x.test', { note: 'a "b",\nc' })];
    const { writer, job, upload } = await make(connection, records);
    assert.equal((await writer.look(job, {})).state, 'open', 'nothing runs before it is begun');
    assert.equal(await upload({}), 'taken');
    const [sent] = shop.bulk.received;
    assert.deepEqual([sent?.headers['x-shopify-access-token'], sent?.headers['x-ours'], sent?.headers.authorization], [undefined, undefined, undefined]);

    const { job: begun = '' } = await writer.close(job, {});
    assert.equal(begun, 'gid://shopify/BulkOperation/1');
    assert.deepEqual([(await writer.look(begun, {})).state, (await writer.look(begun, {})).state], ['running', 'done']);
    const results = await writer.readResults(begun, records, {});
    const ids = shop.customers.map(({ id }) => id);
    assert.deepEqual(
      [results[0], results[2]],
      [
        { outcome: 'written', targetId: ids[0] },
        { outcome: 'written', targetId: ids[1] },
      ],
    );
    assert.ok(results[1]?.outcome === 'rejected');
    assert.deepEqual([results[1].rejection.message, results[1].rejection.apiCode], ['Phone has already been taken', 'TAKEN']);
    assert.deepEqual([shop.customers[0]?.['firstName'], shop.customers[1]?.['note']], ['Ada', 'a "b",\nc']);
    // Whoever comes next asks for the same results again, by a link of its own.
    assert.deepEqual(await writer.readResults(begun, records, {}), results);
  });

  it('waits where the shop works on as many as it takes, and is refused in its words', async (context) => {
    const { shop, connection } = await open(context);
    const { writer, job, upload } = await make(connection, [person('ada@x.test')]);
    const { refused = '' } = await writer.close(job, {});
    assert.match(refused, /shopify refused shopify\.customers\.upsert\.bulk\.close: The JSONL file could not be found/);
    await upload({});
    shop.bulk.busy = 'OPERATION_IN_PROGRESS';
    assert.deepEqual(await writer.close(job, {}), { isBusy: true });
    assert.equal((await writer.look(job, {})).state, 'open');
    await assert.rejects(
      connection.source('orders-export').readPage({ window: {}, cursor: undefined }),
      (error) => error instanceof SyncError && error.code === 'JOB_RUNNING' && typeof error.retry === 'object' && error.retry.afterMs === 5,
    );
  });

  it('is told to samples without records and without signed links', async (context) => {
    const { shop, connection } = await open(context);
    shop.addOrder({ name: '#1' });
    const exchanges: ObservedExchange[] = [];
    const observer = { onExchange: (exchange: ObservedExchange) => void exchanges.push(exchange) };
    const { writer, job, upload } = await make(connection, [person('ada@x.test')], observer);
    await upload({});
    const { job: begun = '' } = await writer.close(job, {});
    while ((await writer.look(begun, {})).state !== 'done');
    await writer.readResults(begun, [person('ada@x.test')], {});
    const source = connection.source('orders-export', observer);
    const { next } = await source.readPage({ window: {}, cursor: undefined });
    await readWhenDone(source, { window: {}, cursor: next });
    assert.ok(exchanges.length >= 9);
    assert.doesNotMatch(JSON.stringify(exchanges), /Signature|ada@x\.test|#1/);
  });

  it('uploads to no host that the connector does not name', async (context) => {
    const { shop, connection } = await open(context);
    shop.bulk.files = 'https://files.example.com';
    const { upload } = await make(connection, [person('ada@x.test')]);
    await assert.rejects(
      upload({}),
      (error) =>
        error instanceof SyncError && /gave a link to https:\/\/files\.example\.com, which is none of the hosts .*shopify-staged-uploads/.test(error.message),
    );
    assert.deepEqual(shop.bulk.received, []);
  });
});

describe('a bulk operation of Shopify that reads', () => {
  it('gives orders with their items, which follow them line by line', async (context) => {
    const { shop, connection } = await open(context);
    for (const items of [2, 0, 3]) shop.addOrder({ items, name: `#${items}` });
    const records = (await readAll(connection, 'orders-export')).flatMap((page) => page.records);
    assert.deepEqual(
      records.map(({ fields }) => [fields['name'], Array.isArray(Object(fields['lineItems']).nodes) ? Object(fields['lineItems']).nodes.length : 0]),
      [
        ['#2', 2],
        ['#0', 0],
        ['#3', 3],
      ],
    );
    assert.deepEqual(Object(records[0]?.fields['lineItems']).nodes[1].id, 'gid://shopify/LineItem/1');
    assert.deepEqual(
      shop.bulk.received.map(({ headers }) => headers['x-shopify-access-token']),
      [undefined],
      'the file was fetched once, with no token',
    );
  });

  it('gives what has changed since, customers with address and number, and nothing where there is nothing', async (context) => {
    const { shop, connection } = await open(context);
    for (const n of [1, 2, 3]) shop.addCustomer({ email: `p${n}@x.test`, phone: null });
    const since = { from: String(shop.customers[1]?.updatedAt) };
    const found = (await readAll(connection, 'customers-export', since)).flatMap((page) => page.records.map(({ fields }) => fields['email']));
    assert.deepEqual(found, ['p2@x.test', 'p3@x.test']);
    assert.deepEqual(
      (await readAll(connection, 'products-export')).flatMap((page) => page.records),
      [],
    );
  });
});
