import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { OutgoingRecord } from '../../connectors/ports.ts';
import type { ChangeKind } from '../../engine/outcome.ts';
import { json, serve } from '../http/local-server.ts';
import { PATIENT_TIMEOUTS } from '../support/until.ts';
import { connect, outgoing, resolved, send, targetOf } from './connect.ts';

const ADA = outgoing('ada@x.test', { name: 'Ada', phone: null }, '7');
const BOB = outgoing('bob@x.test', { name: 'Bob' }, '8');

const written = (more = {}) => ({ outcome: 'written', ...more });

interface Write {
  readonly kind: ChangeKind;
  readonly endpoint: { readonly [key: string]: unknown };
  readonly records: readonly OutgoingRecord[];
  readonly request: readonly [method: string, url: string, body: unknown];
  readonly answer: unknown;
  readonly status?: number;
  readonly results: readonly unknown[];
}

const BATCH = { max: 100, body: { items: '{records}' }, results: { at: 'items', by: 'index', id: 'id' } };
const SENT_ADA = { email: 'ada@x.test', name: 'Ada', phone: null };
const SENT_BOB = { email: 'bob@x.test', name: 'Bob' };

const WRITES: Readonly<Record<string, Write>> = {
  'create, single, POST': {
    kind: 'create',
    endpoint: { post: '/contacts' },
    records: [ADA],
    request: ['POST', '/contacts', SENT_ADA],
    answer: { id: 71, email: 'ada@x.test' },
    status: 201,
    results: [written({ targetId: '71' })],
  },
  'create, batch, POST': {
    kind: 'create',
    endpoint: { post: '/contacts/batch', ...BATCH },
    records: [ADA, BOB],
    request: ['POST', '/contacts/batch', { items: [SENT_ADA, SENT_BOB] }],
    answer: { items: [{ id: 71 }, { id: 72 }] },
    results: [written({ targetId: '71' }), written({ targetId: '72' })],
  },
  'update, single, PATCH, with a wrapping body': {
    kind: 'update',
    endpoint: { patch: '/contacts/{id}', body: { contact: '{fields}' } },
    records: [ADA],
    request: ['PATCH', '/contacts/7', { contact: SENT_ADA }],
    answer: null,
    status: 204,
    results: [written()],
  },
  'update, single, PUT': {
    kind: 'update',
    endpoint: { put: '/contacts/{id}', record: { id: '{id}', attributes: '{fields}' } },
    records: [ADA],
    request: ['PUT', '/contacts/7', { id: '7', attributes: SENT_ADA }],
    answer: { id: '7' },
    results: [written({ targetId: '7' })],
  },
  'update, batch, PATCH': {
    kind: 'update',
    endpoint: { patch: '/contacts', ...BATCH, record: { id: '{id}', set: '{fields}' } },
    records: [ADA, BOB],
    request: [
      'PATCH',
      '/contacts',
      {
        items: [
          { id: '7', set: SENT_ADA },
          { id: '8', set: SENT_BOB },
        ],
      },
    ],
    answer: { items: [{ id: '7' }, { id: '8' }] },
    results: [written({ targetId: '7' }), written({ targetId: '8' })],
  },
  'upsert, single, PUT by match value': {
    kind: 'upsert',
    endpoint: { put: '/contacts/by-{matchOn}/{match}' },
    records: [BOB],
    request: ['PUT', '/contacts/by-email/bob%40x.test', SENT_BOB],
    answer: { id: 'b1' },
    status: 201,
    results: [written({ targetId: 'b1', created: true })],
  },
  'upsert, batch, POST, with nulls as empty texts': {
    kind: 'upsert',
    endpoint: { post: '/contacts/upsert', ...BATCH, nullAs: '', query: { key: '{matchOn}' }, record: { ref: '{ref}', key: '{match}', values: '{fields}' } },
    records: [BOB, ADA],
    request: [
      'POST',
      '/contacts/upsert?key=email',
      {
        items: [
          { ref: '0', key: 'bob@x.test', values: SENT_BOB },
          { ref: '1', key: 'ada@x.test', values: { ...SENT_ADA, phone: '' } },
        ],
      },
    ],
    answer: { items: [{ id: 8 }, { id: 7 }] },
    results: [written({ targetId: '8' }), written({ targetId: '7' })],
  },
  'delete, single, DELETE': {
    kind: 'delete',
    endpoint: { delete: '/contacts/{id}' },
    records: [ADA],
    request: ['DELETE', '/contacts/7', undefined],
    answer: null,
    status: 204,
    results: [written()],
  },
  'delete, batch, POST': {
    kind: 'delete',
    endpoint: { post: '/contacts/delete', ...BATCH, record: '{id}', body: { ids: '{records}' } },
    records: [ADA, BOB],
    request: ['POST', '/contacts/delete', { ids: ['7', '8'] }],
    answer: { items: [{ id: '7' }, { id: '8' }] },
    results: [written({ targetId: '7' }), written({ targetId: '8' })],
  },
};

describe('a write is sent and answered', () => {
  for (const [name, { kind, endpoint, records, request, answer, status, results }] of Object.entries(WRITES)) {
    it(name, async (context) => {
      const server = await serve(context, (_request, response) => {
        if (answer === null) response.writeHead(status ?? 200).end();
        else json(response, answer, status);
      });
      assert.deepEqual(await send(targetOf(context, server.url, { [kind]: endpoint }), kind, records), { answer: 'results', results });
      const [received] = server.received;
      const body = received === undefined || received.body === '' ? undefined : JSON.parse(received.body);
      assert.deepEqual([received?.method, received?.url, body], request);
    });
  }

  it('as a form: nested values in brackets, nulls and empty lists as empty texts', async (context) => {
    const server = await serve(context, (_request, response) => json(response, { id: 1 }));
    const target = targetOf(context, server.url, { create: { post: '/contacts', format: 'form' } });
    await send(target, 'create', [outgoing('ada@x.test', { phone: null, tags: ['a', 'b'], groups: [], address: { city: 'Köln & Bonn' }, age: 36 })]);
    const [received] = server.received;
    assert.equal(received?.headers['content-type'], 'application/x-www-form-urlencoded');
    assert.deepEqual(Object.fromEntries(new URLSearchParams(received?.body)), {
      email: 'ada@x.test',
      phone: '',
      groups: '',
      'tags[0]': 'a',
      'tags[1]': 'b',
      'address[city]': 'Köln & Bonn',
      age: '36',
    });
  });

  it('with the batch id as idempotency key, and wherever a template wants it', async (context) => {
    const server = await serve(context, (_request, response) => json(response, { id: 1 }));
    const create = { post: '/contacts', idempotency: { header: 'Idempotency-Key' }, headers: { 'X-Batch': 'syncline/{batch.id}' } };
    await send(targetOf(context, server.url, { create }), 'create', [ADA]);
    assert.equal(server.received[0]?.headers['idempotency-key'], 'b_1');
    assert.equal(server.received[0]?.headers['x-batch'], 'syncline/b_1');
  });

  it('nothing is sent where the last check fails', async (context) => {
    const server = await serve(context, (_request, response) => json(response, {}));
    const target = targetOf(context, server.url, { create: { post: '/contacts' } });
    const checkBeforeDispatch = () => Promise.reject(new Error('claim lost'));
    await assert.rejects(target.send({ id: 'b', kind: 'create', records: [ADA], permit: await target.acquirePermit(), checkBeforeDispatch }), /claim lost/);
    assert.equal(server.received.length, 0);
  });

  it('its request is told to the observers of target and batch, without query and values', async (context) => {
    const server = await serve(context, (_request, response) => json(response, { id: 1 }));
    const told: string[] = [];
    const observer = (who: string) => ({
      onRequest: (request: { connection: string; method: string; path: string; status?: number }) =>
        told.push(`${who} ${request.connection} ${request.method} ${request.path} ${request.status}`),
    });
    const target = targetOf(context, server.url, { create: { post: '/contacts', query: { key: '{match}' } } }, observer('target'));
    const permit = await target.acquirePermit();
    await target.send({ id: 'b', kind: 'create', records: [ADA], permit, checkBeforeDispatch: async () => undefined, observer: observer('batch') });
    assert.deepEqual(told, ['target crm POST /contacts 200', 'batch crm POST /contacts 200']);
  });
});

describe('what a target can do', () => {
  it('two creates are two records; the others may be repeated, unless the connector says otherwise', (context) => {
    const target = targetOf(context, 'http://127.0.0.1:1', {
      create: { post: '/c', idempotency: { header: 'K', ttl: '1h' }, applyDelay: '10s' },
      update: { patch: '/c/{id}', repeatable: false },
      upsert: { put: '/c/{match}', max: 50, maxBytes: '1MB' },
      delete: { delete: '/c/{id}' },
      search: { post: '/s', records: 'data', indexingDelay: '2s' },
      webUrl: 'https://app.acme.test/c/{id}',
    });
    assert.deepEqual(target.abilities, {
      create: { maxRecords: 1, maxBytes: 4_000_000, isRepeatable: false, applyDelayMs: 10_000, idempotencyTtlMs: 3_600_000 },
      update: { maxRecords: 1, maxBytes: 4_000_000, isRepeatable: false, applyDelayMs: 30_000, merges: true },
      upsert: { maxRecords: 50, maxBytes: 1_000_000, isRepeatable: true, applyDelayMs: 30_000 },
      delete: { maxRecords: 1, maxBytes: 4_000_000, isRepeatable: true, applyDelayMs: 30_000 },
    });
    assert.equal(target.canSearch, true);
    assert.equal(target.indexingDelayMs, 2_000);
    assert.equal(target.requestTimeoutMs, PATIENT_TIMEOUTS.requestMs);
    assert.equal(target.concurrency, 8);
    assert.equal(target.webUrl('a/1'), 'https://app.acme.test/c/a%2F1');
  });

  it('the connection knows better how long a target may still apply a request', (context) => {
    const connection = resolved('http://127.0.0.1:1', { applyDelayMs: 500, limits: { concurrency: 2 }, objects: { contacts: { create: { post: '/c' } } } });
    const target = connect(context, connection).target('contacts', 'email');
    assert.equal(target.abilities.create?.applyDelayMs, 500);
    assert.equal(target.concurrency, 2);
    assert.equal(target.webUrl('1'), undefined);
  });
});
