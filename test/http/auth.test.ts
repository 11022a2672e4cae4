import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { it, type TestContext } from 'node:test';
import type { AuthOptions } from '../../http/http-client.ts';
import { failure } from './expect-error.ts';
import { json, open, type ReceivedRequest, serve } from './local-server.ts';

const read = { method: 'GET', path: '/contacts', query: [['a', '1']], repeat: 'read' } as const;

async function requestWith(context: TestContext, auth: AuthOptions): Promise<ReceivedRequest> {
  const server = await serve(context, (_request, response) => json(response, {}));
  await open(context, server.url, { auth }).send(read);
  return server.received[0] ?? assert.fail('nothing arrived');
}

it('no auth sends no credential', async (context) => {
  const { headers, url } = await requestWith(context, { type: 'none' });
  assert.equal(headers.authorization, undefined);
  assert.equal(url, '/contacts?a=1');
});

it('a bearer token goes into its header, without the line break that files end with', async (context) => {
  assert.equal((await requestWith(context, { type: 'bearer', token: 'secret-token\n' })).headers.authorization, 'Bearer secret-token');
});

it('an API key goes into its header, with its prefix', async (context) => {
  assert.equal((await requestWith(context, { type: 'api-key', in: 'header', name: 'X-Api-Key', key: 'k-1' })).headers['x-api-key'], 'k-1');
  const { headers } = await requestWith(context, { type: 'api-key', in: 'header', name: 'Authorization', key: 'k-1', prefix: 'Token ' });
  assert.equal(headers.authorization, 'Token k-1');
});

it('an API key in the query is sent, and shows neither in the path told nor in the address answered nor in links that repeat it', async (context) => {
  const key = 'key/with+signs';
  const server = await serve(context, ({ url }, response) => json(response, { next: `http://${'x'}.test${url}` }, 200, { link: `<${url}>; rel="next"` }));
  const paths: string[] = [];
  const client = open(context, server.url, { auth: { type: 'api-key', in: 'query', name: 'api_key', key } });
  const { answer } = await client.send({ ...read, observer: { onRequest: ({ path }) => paths.push(path) } });
  assert.equal(server.received[0]?.url, '/contacts?a=1&api_key=key%2Fwith%2Bsigns');
  assert.deepEqual(paths, ['/contacts']);
  assert.equal(answer.url, `${server.url}/contacts?a=1`);
  assert.ok(!JSON.stringify(answer).includes('key%2Fwith'));
  // the link is followed with the key put in again, once
  await client.send({ ...read, query: [], path: `${server.url}/contacts?a=2&api_key=` });
  assert.equal(server.received[1]?.url, '/contacts?a=2&api_key=key%2Fwith%2Bsigns');
});

it('a key in the body stands beside the fields of whatever body there is; a GET has none', async (context) => {
  const server = await serve(context, (_request, response) => json(response, {}));
  const client = open(context, server.url, { auth: { type: 'api-key', in: 'body', name: 'key', key: 'k-1' } });
  const post = { method: 'POST', path: '/c', repeat: 'read' } as const;
  for (const body of [{ json: { a: 1 } }, { form: { a: '1' } }, { parts: [{ name: 'a', text: '1' }] }, undefined] as const)
    await client.send({ ...post, ...(body === undefined ? {} : { body }) });
  const [asJson, asForm, inParts, alone] = server.received;
  assert.deepEqual([asJson?.body, asForm?.body, alone?.body], ['{"a":1,"key":"k-1"}', 'a=1&key=k-1', '{"key":"k-1"}']);
  assert.match(inParts?.body ?? '', /name="a"\s+1\s[\s\S]*name="key"\s+k-1\s/);
  assert.equal(alone?.headers['content-type'], 'application/json');
  await failure('DEFINITION_INVALID', client.send(read));
  await failure('DEFINITION_INVALID', client.send({ ...post, body: { json: [1] } }));
  await failure('DEFINITION_INVALID', client.send({ ...post, body: { text: 'a', type: 'text/plain' } }));
  assert.equal(server.received.length, 4);
});

it('user name and password go as HTTP Basic, in UTF-8', async (context) => {
  const { headers } = await requestWith(context, { type: 'basic', username: 'anna', password: 'pä:ss' });
  assert.equal(Buffer.from(headers.authorization?.replace('Basic ', '') ?? '', 'base64').toString(), 'anna:pä:ss');
});

it('a refused credential is one sentence with the words of the API, what to do, and no secret', async (context) => {
  const server = await serve(context, ({ headers }, response) =>
    json(response, { message: `The token ${headers.authorization?.slice(7)} is not valid.` }, 401),
  );
  for (const request of [read, { ...read, method: 'POST', repeat: 'once' } as const]) {
    const refused = await failure('CREDENTIALS_REJECTED', open(context, server.url, { auth: { type: 'bearer', token: 'secret-token' } }).send(request));
    assert.equal(refused.message, 'crm refused the credentials (401): The token ••• is not valid. Check the secret of connection crm, and its scopes.');
    assert.equal(refused.retry, 'never');
    assert.deepEqual(refused.details, { status: 401 });
  }
  assert.equal(server.received.length, 2);
  const forbidden = await serve(context, (_request, response) => json(response, { message: 'lacks crm.write' }, 403));
  assert.match((await failure('CREDENTIALS_REJECTED', open(context, forbidden.url).send(read))).message, /\(403\): lacks crm\.write\./);
});

it('a signature covers the request as it is sent, each part over those before it, and no secret is sent or told', async (context) => {
  const auth: AuthOptions = {
    type: 'signature',
    credentials: { id: 'acme-7', secret: 's-e-c-r-e-t\n' },
    query: { time: '{$millis()}', sign: '{$hmac(query, secret)}' },
    headers: {
      'X-Key': '{id}',
      'X-Sign': "{$hmac(method & ' ' & path & '?' & query & ' ' & headers.`x-key` & ' ' & body, secret, 'sha512', 'base64')}",
      'X-Nonce': '{nonce}',
    },
  };
  const clock = { now: () => 1_772_323_200_000, random: Math.random };
  const server = await serve(context, ({ body }, response) => json(response, { message: 'who is s-e-c-r-e-t?' }, body === '' ? 403 : 200));
  const client = open(context, server.url, { auth }, clock);
  await client.send({ method: 'POST', path: '/c', query: [['a', 'ä b']], body: { json: { name: 'ä' } }, repeat: 'once' });
  const refused = await failure('CREDENTIALS_REJECTED', client.send(read));
  assert.ok(!refused.message.includes('s-e-c-r-e-t'), refused.message);
  const [first, second] = server.received;
  const query = 'a=%C3%A4+b&time=1772323200000';
  const sign = createHmac('sha256', 's-e-c-r-e-t').update(query).digest('hex');
  assert.equal(first?.url, `/c?${query}&sign=${sign}`);
  const text = `POST /c?${query}&sign=${sign} acme-7 {"name":"ä"}`;
  assert.equal(first.headers['x-sign'], createHmac('sha512', 's-e-c-r-e-t').update(text).digest('base64'));
  assert.match(String(first.headers['x-nonce']), /^[0-9a-f-]{36}$/);
  assert.notEqual(first.headers['x-nonce'], second?.headers['x-nonce']);
});
