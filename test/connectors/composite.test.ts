import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { Json } from '../../engine/json.ts';
import { json, serve } from '../http/local-server.ts';
import { connect, outgoing, resolved, send } from './connect.ts';

/** As Microsoft Graph has it: https://learn.microsoft.com/graph/json-batching */
const GRAPH = { post: '/$batch', max: 20, body: { requests: '{requests}' }, results: { at: 'responses', by: 'ref', key: 'id' } };
const [ADA, BOB, CY] = [outgoing('ada@x.test', { name: 'Ada' }, 'a/1'), outgoing('bob@x.test', { name: 'Bob' }, 'b2'), outgoing('cy@x.test', {}, 'c3')];

interface Begun {
  readonly kind?: 'create' | 'update' | 'upsert' | 'delete';
  readonly endpoint: object;
  readonly answer: unknown;
  readonly status?: number;
  readonly search?: object;
  readonly errors?: readonly object[];
}

/** Sends three records as one request to an API that answers so. */
async function begin(context: TestContext, { kind = 'create', endpoint, answer, status = 200, errors = [], search }: Begun) {
  const server = await serve(context, (__, response) => json(response, answer, status));
  const contacts = { [kind]: { ...GRAPH, ...endpoint }, ...(search === undefined ? {} : { search }) };
  const target = connect(context, resolved(server.url, { objects: { contacts }, errors })).target('contacts', 'email');
  const answered = await send(target, kind, [ADA, BOB, CY]);
  const [request] = server.received;
  const body: Json = request === undefined ? null : JSON.parse(request.body);
  return { target, answered, body, requests: server.received.length, results: answered.answer === 'results' ? answered.results : [] };
}

const answers = (...told: readonly object[]) => ({ responses: told });
const outcomesOf = (results: readonly { readonly outcome: string }[]) => results.map(({ outcome }) => outcome);

describe('one request that carries one for each record', () => {
  it('writes each with a method, an address that no value leaves, headers and a body of its own', async (context) => {
    const each = { patch: '/users/{id}', query: { by: '{matchOn}' }, headers: { 'If-Match': '{etag}', Prefer: 'minimal' }, body: { user: '{record}' } };
    const { body } = await begin(context, { kind: 'update', endpoint: { each, record: { n: '{fields.name}' } }, answer: answers() });
    const headers = { 'content-type': 'application/json', prefer: 'minimal' };
    assert.deepEqual(body, {
      requests: [
        { id: '0', method: 'PATCH', url: '/users/a%2F1?by=email', headers, body: { user: { n: 'Ada' } } },
        { id: '1', method: 'PATCH', url: '/users/b2?by=email', headers, body: { user: { n: 'Bob' } } },
        { id: '2', method: 'PATCH', url: '/users/c3?by=email', headers, body: { user: {} } },
      ],
    });
  });

  it('deletes have no body', async (context) => {
    const { body } = await begin(context, { kind: 'delete', endpoint: { each: { delete: '/users/{id}' } }, answer: answers() });
    assert.deepEqual(body, { requests: ['a%2F1', 'b2', 'c3'].map((id, at) => ({ id: String(at), method: 'DELETE', url: `/users/${id}` })) });
  });

  it('answers in any order are told apart by their ids, and what has none is never written', async (context) => {
    const told = answers({ id: '2', status: 201, body: { id: 91 } }, { id: '0', status: 409, body: { error: { message: 'taken', code: 'Conflict' } } });
    const { results } = await begin(context, { endpoint: { each: { post: '/users' } }, answer: told });
    assert.deepEqual(results, [
      { outcome: 'rejected', rejection: { reason: 'api-rejected', message: 'taken', retry: 'later', apiCode: 'Conflict' } },
      { outcome: 'unknown' },
      { outcome: 'written', targetId: '91' },
    ]);
  });

  it('each answer means what it would mean alone', async (context) => {
    const cases: readonly (readonly ['create' | 'update' | 'delete', object, string])[] = [
      ['delete', { status: 404 }, 'written'],
      ['update', { status: 404, body: { message: 'no such user' } }, 'rejected'],
      ['create', { status: 500 }, 'unknown'],
      ['create', { status: 503, headers: { 'Retry-After': '1' } }, 'unknown'],
      ['create', { status: 403, body: { error: { message: 'not you' } } }, 'rejected'],
      ['create', { status: 413 }, 'rejected'],
      ['create', { body: { id: 7 } }, 'unknown'],
      ['create', { status: '201', body: '{"id": 7}' }, 'written'],
    ];
    for (const [kind, told, expected] of cases) {
      const endpoint = { each: { [kind === 'delete' ? 'delete' : 'post']: '/users' } };
      const { results } = await begin(context, { kind, endpoint, answer: answers({ id: '0', ...told }) });
      assert.deepEqual(outcomesOf(results), [expected, 'unknown', 'unknown'], JSON.stringify([kind, told]));
    }
  });

  it("the connector's error rules judge each answer, and a rule that cannot be evaluated leaves it unknown", async (context) => {
    const errors = [
      { when: 'status = 200 and body.ok = false', outcome: 'reject-request', message: 'body.why' },
      { when: 'status = 500 and body.applied = false', outcome: 'unprocessed' },
      { when: 'status = 202 and $number(body.state) > 1', outcome: 'success' },
    ];
    const told = answers(
      { id: '0', status: 200, body: { ok: false, why: 'no seat left' } },
      { id: '1', status: 500, body: { applied: false } },
      { id: '2', status: 202, body: { state: 'x' } },
    );
    const { results } = await begin(context, { endpoint: { each: { post: '/users' } }, answer: told, errors });
    assert.deepEqual(outcomesOf(results), ['rejected', 'again', 'unknown']);
    assert.equal(results[0]?.outcome === 'rejected' && results[0].rejection.message, 'no seat left');
  });

  it('an answer that asks to wait makes the account wait', async (context) => {
    for (const headers of [{ 'Retry-After': '60' }, [{ name: 'retry-after', value: '60' }]]) {
      const { results, target } = await begin(context, { endpoint: { each: { post: '/users' } }, answer: answers({ id: '1', status: 429, headers }) });
      assert.deepEqual(outcomesOf(results), ['unknown', 'again', 'unknown']);
      await assert.rejects(target.acquirePermit(), { code: 'RATE_LIMITED' });
    }
  });

  it('a version that moved is read again, where the requests name one', async (context) => {
    const search = { get: '/u', query: { k: '{key}' }, records: '$', etag: 'record.etag' };
    const endpoint = { each: { patch: '/users/{id}', headers: { 'If-Match': '{etag}' } } };
    const { results, target } = await begin(context, { kind: 'update', endpoint, answer: answers({ id: '0', status: 412 }), search });
    assert.deepEqual(outcomesOf(results), ['moved', 'unknown', 'unknown']);
    assert.equal(target.abilities.update?.needsEtag, true);
  });

  it('results that say more than their status are heard', async (context) => {
    const results = { at: 'list', status: 'code', body: 'said', id: 'said.ref', created: 'said.isNew', error: 'said.problem', errorCode: 'said.number' };
    const told = {
      list: [
        { code: 200, said: { ref: 5, isNew: true } },
        { code: 200, said: { problem: 'too short', number: 12 } },
        { code: 400, said: { problem: 'too long' } },
      ],
    };
    const begun = await begin(context, { kind: 'upsert', endpoint: { each: { put: '/users/{match}' }, results }, answer: told });
    assert.deepEqual(begun.results, [
      { outcome: 'written', targetId: '5', created: true },
      { outcome: 'rejected', rejection: { reason: 'api-rejected', message: 'too short', retry: 'never', apiCode: '12' } },
      { outcome: 'rejected', rejection: { reason: 'api-rejected', message: 'too long', retry: 'never' } },
    ]);
  });

  it('refused as a whole it is halved, and a record that lacks what its request needs refuses it before anything is sent', async (context) => {
    const refused = await begin(context, { endpoint: { each: { post: '/users' } }, answer: { error: { message: 'malformed' } }, status: 400 });
    assert.deepEqual([refused.answered.answer, refused.requests], ['refused', 1]);
    const lacking = await begin(context, { endpoint: { each: { post: '/users/{fields.name}' } }, answer: answers() });
    assert.deepEqual([lacking.answered.answer, lacking.requests], ['refused', 0]);
  });
});
