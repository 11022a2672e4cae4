import assert from 'node:assert/strict';
import { it } from 'node:test';
import { json, serve } from '../http/local-server.ts';
import { connect, outgoing, resolved, send } from './connect.ts';
import { shippedConnector } from './shipped-connector.ts';

const { errors, objects } = shippedConnector('stripe');

it('Stripe is asked for a window in seconds, whether it is told as times or as the seconds of its records', async (context) => {
  const server = await serve(context, (_request, response) => json(response, { object: 'list', data: [], has_more: false }));
  const source = connect(context, resolved(server.url, { errors, objects })).source('charges');
  const windows = [{}, { from: '2026-03-01T00:00:00.500Z', to: '2026-03-02T00:00:00.500Z' }, { from: '1772323200', to: '1772409601' }];
  for (const window of windows) await source.readPage({ window, cursor: undefined });
  const asked = server.received.map(({ url }) => decodeURIComponent(url));
  assert.deepEqual(asked, [
    '/v1/charges?limit=100',
    ...Array.from({ length: 2 }, () => '/v1/charges?created[gte]=1772323200&created[lt]=1772409601&limit=100'),
  ]);
});

it('what Stripe has deleted is told by its events, and a customer that is answered as deleted is none', async (context) => {
  const server = await serve(context, ({ url, method }, response) => {
    if (url.startsWith('/v1/events')) {
      const data = [{ id: 'evt_1', type: 'customer.deleted', data: { object: { id: 'cus_7', object: 'customer' } } }];
      return json(response, { object: 'list', data, has_more: false });
    }
    return json(response, { id: 'cus_7', object: 'customer', deleted: true }, method === 'DELETE' || method === 'GET' ? 200 : 404);
  });
  const connection = connect(context, resolved(server.url, { errors, objects }));
  const source = connection.source('customers');
  assert.deepEqual((await source.readDeleted?.({ window: { from: '2026-03-01T00:00:00Z' }, cursor: undefined }))?.keys, ['cus_7']);
  assert.equal(await source.readOne?.('cus_7'), undefined);
  const deleted = await send(connection.target('customers', 'email'), 'delete', [outgoing('ada@x.test', {}, 'cus_7')]);
  assert.deepEqual(deleted, { answer: 'results', results: [{ outcome: 'written' }] });
});

it('a page that ended with what was deleted meanwhile is a place that is gone: the list is read again', async (context) => {
  const server = await serve(context, ({ url }, response) =>
    url.includes('starting_after')
      ? json(response, { error: { type: 'invalid_request_error', code: 'resource_missing', message: 'No such product: prod_1', param: 'starting_after' } }, 400)
      : json(response, { object: 'list', data: [{ id: 'prod_1', object: 'product' }], has_more: true }),
  );
  const source = connect(context, resolved(server.url, { errors, objects })).source('products');
  const { next } = await source.readPage({ window: {}, cursor: undefined });
  await assert.rejects(source.readPage({ window: {}, cursor: next }), { code: 'CURSOR_EXPIRED' });
});

it('a request whose key is in use is in doubt, and one that met a lock was not processed', async (context) => {
  const answers = [
    { status: 409, code: 'idempotency_key_in_use', is: 'WRITE_OUTCOME_UNKNOWN' },
    { status: 429, code: 'lock_timeout', is: 'SYSTEM_UNAVAILABLE' },
    { status: 429, code: 'rate_limit', is: 'RATE_LIMITED' },
  ];
  for (const { status, code, is } of answers) {
    const server = await serve(context, (_request, response) => json(response, { error: { type: 'invalid_request_error', code, message: 'words' } }, status));
    const target = connect(context, resolved(server.url, { errors, objects })).target('customers', 'email');
    await assert.rejects(send(target, 'create', [outgoing('ada@x.test')]), { code: is });
    assert.equal(server.received[0]?.headers['idempotency-key'], 'b_1');
  }
});
