import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Answer, json, serve } from '../http/local-server.ts';
import { outgoing, send, targetOf } from './connect.ts';

const ADA = outgoing('ada@x.test', { name: 'Ada' }, '7');
const written = (more = {}) => ({ outcome: 'written', ...more });

describe('the id of a single write without results', () => {
  const located =
    (location: string): Answer =>
    (_request, response) => {
      response.writeHead(201, { location }).end();
    };
  const ids: Readonly<Record<string, readonly [answer: Answer, contacts: { readonly [key: string]: unknown }, results: readonly unknown[]]>> = {
    'is where the primary key is': [
      (_request, response) => json(response, { uuid: 'u1', id: 'operation' }),
      { primaryKey: 'uuid' },
      [written({ targetId: 'u1' })],
    ],
    'is where a record that is read keeps it': [
      (_request, response) => json(response, { data: { id: 5 } }),
      { get: { get: '/contacts/{id}', record: 'data' } },
      [written({ targetId: '5' })],
    ],
    'is in the Location of a 201': [located('/v2/contacts/a%2F9'), {}, [written({ targetId: 'a/9' })]],
    'is in the Location as it is written, where that is no escape': [located('/v2/contacts/100%'), {}, [written({ targetId: '100%' })]],
    'is not the last step of any other address': [located('/v2/jobs/9'), {}, [written()]],
    'may be untold': [(_request, response) => json(response, { ok: true }), {}, [written()]],
  };
  for (const [name, [answer, contacts, results]] of Object.entries(ids)) {
    it(name, async (context) => {
      const server = await serve(context, answer);
      const target = targetOf(context, `${server.url}/v2`, { create: { post: '/contacts' }, ...contacts });
      assert.deepEqual(await send(target, 'create', [outgoing('ada@x.test')]), { answer: 'results', results });
    });
  }

  it('a PUT that answers 200 changed what was there', async (context) => {
    const server = await serve(context, (_request, response) => json(response, { id: 5 }));
    const target = targetOf(context, server.url, { upsert: { put: '/contacts/{match}' } });
    assert.deepEqual(await send(target, 'upsert', [ADA]), { answer: 'results', results: [written({ targetId: '5', created: false })] });
  });

  it('an answer that lists a failure is a refusal, also without a list of results', async (context) => {
    const server = await serve(context, ({ body }, response) =>
      json(response, { id: 5, errors: body.includes('bad') ? [{ message: 'bad phone', code: 'PHONE' }] : [] }),
    );
    const failures = { at: 'errors', message: 'message', code: 'code' };
    const target = targetOf(context, server.url, { create: { post: '/contacts', failures } });
    assert.deepEqual(await send(target, 'create', [outgoing('ada@x.test')]), { answer: 'results', results: [written({ targetId: '5' })] });
    assert.deepEqual(await send(target, 'create', [outgoing('bad@x.test')]), {
      answer: 'results',
      results: [{ outcome: 'rejected', rejection: { reason: 'api-rejected', message: 'bad phone', apiCode: 'PHONE', retry: 'never' } }],
    });
  });

  it('207 says neither yes nor no: unknown, unless the connector says where the answer tells more', async (context) => {
    const server = await serve(context, ({ body }, response) => json(response, { id: 5, errors: body.includes('bad') ? [{ message: 'bad phone' }] : [] }, 207));
    const warnings: string[] = [];
    const onWarning = ({ message }: { readonly message: string }) => void warnings.push(message);
    const outcome = async (more: object, email: string) => {
      const answer = await send(targetOf(context, server.url, { create: { post: '/contacts', ...more } }, { onWarning }), 'create', [outgoing(email)]);
      return answer.answer === 'results' ? answer.results[0]?.outcome : answer.answer;
    };
    assert.equal(await outcome({}, 'bad@x.test'), 'unknown');
    assert.match(warnings.join(), /^crm\.contacts\.create: an answer was 207, .* \("results" or "failures"\)/);
    for (const more of [{ failures: { at: 'errors', message: 'message' } }, { results: { at: '$', error: 'errors[0].message' } }])
      assert.deepEqual([await outcome(more, 'bad@x.test'), await outcome(more, 'ada@x.test')], ['rejected', 'written']);
  });

  it('a batch whose connector tells no results is unknown as a whole, and that is told', async (context) => {
    const server = await serve(context, (_request, response) => json(response, { ok: true }));
    const warnings: string[] = [];
    const upsert = { post: '/batch', max: 10, body: { items: '{records}' } };
    const target = targetOf(context, server.url, { upsert }, { onWarning: ({ message }) => warnings.push(message) });
    assert.deepEqual(await send(target, 'upsert', [ADA, ADA]), { answer: 'results', results: [{ outcome: 'unknown' }, { outcome: 'unknown' }] });
    assert.match(warnings.join(), /^crm\.contacts\.upsert: a batch was sent, and the connector does not say/);
  });
});
