import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Answer, json, serve } from '../http/local-server.ts';
import { connect, outgoing, resolved, send, targetOf } from './connect.ts';

const ADA = outgoing('ada@x.test', { name: 'Ada' }, '7');
const BOB = outgoing('bob@x.test', { name: 'Bob' }, '8');
const BATCH = { max: 100, body: { items: '{records}' }, results: { at: 'items', by: 'index', id: 'id' } };
const written = (more = {}) => ({ outcome: 'written', ...more });

describe('a refused write', () => {
  const refusing =
    (status: number, body: unknown): Answer =>
    (_request, response) =>
      json(response, body, status);
  const batch = { post: '/batch', ...BATCH };

  it('of a batch names no record: it is refused, with the words and the code of the API', async (context) => {
    const server = await serve(context, refusing(400, { error: { message: 'Property "foo" does not exist.', code: 'UNKNOWN_PROPERTY' } }));
    assert.deepEqual(await send(targetOf(context, server.url, { upsert: batch }), 'upsert', [ADA, BOB]), {
      answer: 'refused',
      rejection: { reason: 'api-rejected', message: 'Property "foo" does not exist', apiCode: 'UNKNOWN_PROPERTY', retry: 'never' },
    });
  });

  for (const status of [409, 412, 423]) {
    it(`with ${status} may pass on another day`, async (context) => {
      const server = await serve(context, refusing(status, { message: 'taken' }));
      const answer = await send(targetOf(context, server.url, { create: { post: '/contacts' } }), 'create', [ADA]);
      assert.deepEqual(answer, { answer: 'refused', rejection: { reason: 'api-rejected', message: 'taken', retry: 'later' } });
    });
  }

  it('with 413 is too large', async (context) => {
    const server = await serve(context, refusing(413, {}));
    assert.deepEqual(await send(targetOf(context, server.url, { upsert: batch }), 'upsert', [ADA, BOB]), { answer: 'too-large' });
  });

  it('that deletes what is gone is written', async (context) => {
    for (const status of [404, 410]) {
      const server = await serve(context, refusing(status, { message: 'not found' }));
      assert.deepEqual(await send(targetOf(context, server.url, { delete: { delete: '/contacts/{id}' } }), 'delete', [ADA]), {
        answer: 'results',
        results: [written()],
      });
    }
  });

  it('that updates what is gone is rejected as target-missing', async (context) => {
    const server = await serve(context, refusing(404, { message: 'no contact 7', code: 'NOT_FOUND' }));
    assert.deepEqual(await send(targetOf(context, server.url, { update: { patch: '/contacts/{id}' } }), 'update', [ADA]), {
      answer: 'results',
      results: [
        {
          outcome: 'rejected',
          rejection: { reason: 'target-missing', message: 'The target no longer has this record: no contact 7', apiCode: 'NOT_FOUND', retry: 'later' },
        },
      ],
    });
  });

  it('with 404 to a batch or a create says nothing of a single record', async (context) => {
    const server = await serve(context, refusing(404, { message: 'nothing here' }));
    const target = targetOf(context, server.url, { update: batch, create: { post: '/contacts' } });
    assert.equal((await send(target, 'update', [ADA, BOB])).answer, 'refused');
    assert.equal((await send(target, 'create', [ADA])).answer, 'refused');
  });

  it('a 200 that an error rule calls a refusal is one', async (context) => {
    const server = await serve(context, refusing(200, { errors: [{ message: 'email is taken' }] }));
    const errors = [{ when: 'status = 200 and body.errors', outcome: 'reject-request', message: 'body.errors[0].message' }];
    const connection = resolved(server.url, { errors, objects: { contacts: { create: { post: '/contacts' } } } });
    const answer = await send(connect(context, connection).target('contacts', 'email'), 'create', [ADA]);
    assert.deepEqual(answer, { answer: 'refused', rejection: { reason: 'api-rejected', message: 'email is taken', retry: 'never' } });
  });

  it('a 5xx leaves it open whether it was applied', async (context) => {
    const server = await serve(context, refusing(500, { message: 'oops' }));
    await assert.rejects(send(targetOf(context, server.url, { create: { post: '/contacts' } }), 'create', [ADA]), { code: 'WRITE_OUTCOME_UNKNOWN' });
  });

  it('a record that lacks what its request needs is refused alone, and nothing is sent', async (context) => {
    const server = await serve(context, (_request, response) => json(response, {}));
    const contacts = { update: { patch: '/contacts/{id}' }, upsert: { put: '/contacts/{match}' } };
    const target = connect(context, resolved(server.url, { limits: { concurrency: 1 }, objects: { contacts } })).target('contacts', 'email');
    for (const [kind, record] of [
      ['update', outgoing('new@x.test')],
      ['upsert', outgoing('..')],
    ] as const) {
      const answer = await send(target, kind, [record]);
      assert.ok(answer.answer === 'refused' && answer.rejection.reason === 'request-not-writable', kind);
    }
    assert.equal(server.received.length, 0);
    assert.equal((await send(target, 'upsert', [ADA])).answer, 'results', 'the permits were given back');
  });

  it('a record with a value that no header can hold is refused alone, and nothing is sent', async (context) => {
    const server = await serve(context, (_request, response) => json(response, { id: 7 }));
    const target = targetOf(context, server.url, { create: { post: '/contacts', headers: { 'X-Name': '{fields.name}' } } });
    for (const name of ['two\nlines', '日本']) {
      const answer = await send(target, 'create', [outgoing('ada@x.test', { name })]);
      assert.ok(answer.answer === 'refused' && answer.rejection.reason === 'request-not-writable');
      assert.match(answer.rejection.message, /crm\.contacts\.create\.headers\.x-name would hold a character that HTTP does not allow/);
      assert.ok(!answer.rejection.message.includes(name));
    }
    assert.equal(server.received.length, 0);
    assert.equal((await send(target, 'create', [outgoing('ada@x.test', { name: 'Ada' })])).answer, 'results');
  });

  it('a kind that the connector does not have is a mistake', async (context) => {
    const target = targetOf(context, 'http://127.0.0.1:1', { create: { post: '/contacts' } });
    await assert.rejects(
      target.send({ id: 'b', kind: 'delete', records: [ADA], permit: { release: () => undefined }, checkBeforeDispatch: async () => undefined }),
      {
        code: 'DEFINITION_INVALID',
        message: 'crm.contacts has no "delete".',
      },
    );
  });
});
