import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, it, type TestContext } from 'node:test';
import { z } from 'zod';
import { type CodecServerOptions, startCodecServer } from '../../client/codec/codec-server.ts';
import { parsePayloadKeys } from '../../payloads/payload-keys.ts';

const keys = parsePayloadKeys(`2026a:${randomBytes(32).toString('base64')}`);
const UI = 'http://127.0.0.1:8233';
const base64 = (text: string) => Buffer.from(text).toString('base64');
const PLAIN = { metadata: { encoding: base64('json/plain') }, data: base64('{"sync":"contacts"}') };
const answerSchema = z.object({ payloads: z.array(z.object({ metadata: z.record(z.string(), z.string()), data: z.string() })) });

async function begin(context: TestContext, more: Partial<CodecServerOptions> = {}) {
  const server = await startCodecServer({ host: '127.0.0.1', port: 0, keys, origin: UI, token: undefined, ...more });
  context.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  return (path: string, body: string, headers: Readonly<Record<string, string>> = {}, method = 'POST') =>
    fetch(`http://127.0.0.1:${address.port}${path}`, { method, headers, ...(method === 'POST' ? { body } : {}) });
}

describe('the codec server', () => {
  it('encodes and decodes lists of payloads', async (context) => {
    const ask = await begin(context);
    const encoded = answerSchema.parse(await (await ask('/encode', JSON.stringify({ payloads: [PLAIN] }), { 'x-namespace': 'default' })).json());
    assert.equal(encoded.payloads[0]?.metadata['encoding'], base64('binary/encrypted'));
    const decoded = await (await ask('/decode', JSON.stringify({ payloads: [...encoded.payloads, PLAIN] }))).json();
    assert.deepEqual(decoded, { payloads: [PLAIN, PLAIN] });
    // So Temporal's CLI asks for a query without arguments.
    assert.deepEqual(await (await ask('/encode', '{}')).json(), { payloads: [] });
  });

  it('answers the page of the Web UI in a browser, and no other one', async (context) => {
    const ask = await begin(context);
    const preflight = await ask('/decode', '', { origin: UI, 'access-control-request-headers': 'x-namespace' }, 'OPTIONS');
    assert.deepEqual(
      ['origin', 'methods', 'headers'].map((name) => preflight.headers.get(`access-control-allow-${name}`)),
      [UI, 'POST, OPTIONS', 'content-type, authorization, x-namespace'],
    );
    assert.equal(preflight.status, 204);
    assert.equal((await ask('/decode', '{"payloads":[]}', { origin: UI })).headers.get('access-control-allow-origin'), UI);
    for (const method of ['OPTIONS', 'POST']) {
      const other = await ask('/decode', '{"payloads":[]}', { origin: 'http://evil.test:8233' }, method);
      assert.deepEqual([other.status, other.headers.get('access-control-allow-origin')], [403, null]);
    }
  });

  it('asks for the bearer token, where there is one', async (context) => {
    const ask = await begin(context, { token: 'open sesame' });
    const status = async (headers: Readonly<Record<string, string>>) => (await ask('/decode', '{"payloads":[]}', headers)).status;
    assert.deepEqual(
      [await status({}), await status({ authorization: 'Bearer open' }), await status({ authorization: 'Bearer open sesame' })],
      [401, 401, 200],
    );
  });

  it('says what is wrong with a request, and names the key that it lacks', async (context) => {
    const ask = await begin(context);
    const foreign = { metadata: { encoding: base64('binary/encrypted'), 'encryption-key-id': base64('2025z') }, data: base64('x'.repeat(40)) };
    const unknown = await ask('/decode', JSON.stringify({ payloads: [foreign] }));
    assert.deepEqual([unknown.status, /encrypted with the key "2025z"/.test(await unknown.text())], [422, true]);
    const wrong = ['', 'hello', '{"payloads":{}}', '{"payloads":[{"data":"%"}]}', `{"payloads":[],"x":"${'x'.repeat(33_000_000)}"}`];
    const statuses = [];
    for (const body of wrong) statuses.push((await ask('/decode', body)).status);
    assert.deepEqual(statuses, [400, 400, 400, 400, 413]);
    assert.equal((await ask('/other', '{}')).status, 404);
    assert.equal((await ask('/decode', '', {}, 'GET')).status, 405);
  });
});
