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
});
