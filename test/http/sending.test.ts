import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { HttpObserver } from '../../http/http-client.ts';
import { openHttpClient } from '../../http/open-http-client.ts';
import { fastEnough, inTime } from '../support/in-time.ts';
import { failure } from './expect-error.ts';
import { json, open, serve } from './local-server.ts';

const read = { method: 'GET', path: '/', repeat: 'read' } as const;
const write = { method: 'POST', path: '/contacts', body: { json: { a: 1 } }, repeat: 'once' } as const;
type Told = Parameters<NonNullable<HttpObserver['onRequest']>>[0];

/** An address nobody listens at. */
async function deadAddress(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
}

describe('a request', { concurrency: true }, () => {
  it('goes to the path below baseUrl with query, headers and body, and is told to the observer', async (context) => {
    const server = await serve(context, (_request, response) => json(response, { ok: true }, 201, { 'X-Request-Id': 'r-1' }));
    const client = open(context, `${server.url}/v2/`, { headers: { 'X-API-Version': '2026-01-01', Accept: 'application/vnd.api+json' } });
    const told: Told[] = [];
    const before = Date.now();
    const { answer, classification } = await client.send({
      ...write,
      query: [
        ['a', 'x y&'],
        ['a', '2'],
      ],
      headers: { 'Idempotency-Key': 'k' },
      observer: { onRequest: (request) => told.push(request) },
    });
    const [received] = server.received;
    assert.equal(received?.url, '/v2/contacts?a=x+y%26&a=2');
    assert.equal(received?.body, '{"a":1}');
    assert.match(received?.headers['user-agent'] ?? '', /^syncline\/\d+\.\d+\.\d+/);
    assert.equal(received?.headers['content-type'], 'application/json');
    assert.equal(received?.headers['x-api-version'], '2026-01-01');
    assert.equal(received?.headers.accept, 'application/vnd.api+json');
    assert.equal(received?.headers['idempotency-key'], 'k');
    assert.deepEqual(classification, { class: 'success' });
    assert.equal(answer.requestId, 'r-1');
    assert.equal(answer.url, `${server.url}/v2/contacts?a=x+y%26&a=2`);
    assert.ok(answer.sentAt >= before && answer.sentAt <= Date.now());
    const { durationMs, sentAt, ...rest } = told[0] ?? assert.fail('nothing told');
    assert.deepEqual(rest, { method: 'POST', path: '/v2/contacts', status: 201, requestId: 'r-1', isRetry: false });
    assert.ok(durationMs >= 0 && sentAt === answer.sentAt);
    await client.send({ ...write, body: { form: { a: '1 2', b: 'ü' } } });
    assert.equal(server.received[1]?.body, 'a=1+2&b=%C3%BC');
    assert.equal(server.received[1]?.headers['content-type'], 'application/x-www-form-urlencoded');
  });

  it('goes to the own origin only, and not past the base by dots', async (context) => {
    const server = await serve(context, (_request, response) => json(response, {}));
    const client = open(context, `${server.url}/v2`, { auth: { type: 'bearer', token: 'secret-token' } });
    await client.send({ ...read, path: `${server.url}/other?page=2` });
    assert.equal(server.received[0]?.url, '/other?page=2');
    for (const path of ['http://127.0.0.1:1/x', 'https://evil.example/x', '//evil.example/x', 'ftp://evil.example/']) {
      const refused = await failure('CONTRACT_BROKEN', client.send({ ...read, path }));
      assert.match(refused.message, /is not its own address .*: refused/);
    }
    for (const path of ['/contacts/..', '/contacts/../admin', '/contacts/%2e%2E/x', '/./x']) await failure('CONTRACT_BROKEN', client.send({ ...read, path }));
    assert.equal(server.received.length, 1);
  });

  it('is encrypted, unless to this machine or by leave', () => {
    const options = {
      name: 'crm',
      account: 'a',
      auth: { type: 'none' },
      headers: {},
      limits: {},
      timeouts: { connectMs: 1, headersMs: 1, bodyMs: 1, requestMs: 1 },
      maxAnswerBytes: 1,
      allowPlainHttp: false,
    } as const;
    const message = 'baseUrl of connection crm is not encrypted (http://api.example.com): use https, or allow it with "allowPlainHttp: true".';
    assert.throws(() => openHttpClient({ ...options, baseUrl: 'http://api.example.com/v2' }), { code: 'DEFINITION_INVALID', message });
    assert.throws(() => openHttpClient({ ...options, baseUrl: 'api.example.com' }), { code: 'DEFINITION_INVALID' });
    assert.throws(() => openHttpClient({ ...options, baseUrl: 'https://user:pass@api.example.com' }), {
      code: 'DEFINITION_INVALID',
      message: /holds credentials/,
    });
    for (const baseUrl of ['https://api.example.com', 'http://localhost:1', 'http://127.0.0.1:1', 'http://[::1]:1']) openHttpClient({ ...options, baseUrl });
    openHttpClient({ ...options, baseUrl: 'http://api.example.com', allowPlainHttp: true });
  });

  it('with a header that cannot be written is a mistake in the definition', async (context) => {
    const server = await serve(context, (_request, response) => json(response, {}));
    const invalid = await failure('DEFINITION_INVALID', open(context, server.url, { headers: { 'x-a': 'a\nb' } }).send(write));
    assert.match(invalid.message, /a character that HTTP does not allow/);
  });

  it('that reads follows redirects at home, and none elsewhere: credentials stay', async (context) => {
    const elsewhere = await serve(context, (_request, response) => json(response, { stolen: true }));
    const server = await serve(context, ({ url }, response) => {
      if (url === '/end') return json(response, { end: true });
      const location = { '/a': '/b', '/b': '/c', '/c': '/end', '/d': '/a', '/away': `${elsewhere.url}/x` }[url] ?? '/';
      response.writeHead(302, { location }).end();
    });
    const client = open(context, server.url, { auth: { type: 'bearer', token: 'secret-token' } });
    const { answer } = await client.send({ ...read, path: '/a' });
    assert.deepEqual(answer.body, { end: true });
    assert.equal(answer.url, `${server.url}/end`);
    assert.match((await failure('CONTRACT_BROKEN', client.send({ ...read, path: '/d' }))).message, /redirects \(302\)/);
    assert.match((await failure('CONTRACT_BROKEN', client.send({ ...read, path: '/away' }))).message, /the credentials would go there/);
    assert.equal(elsewhere.received.length, 0);
  });

  it(
    'that reads is repeated soon after a 5xx, and given up after some seconds',
    inTime(async (context) => {
      const server = await serve(context, (_request, response) =>
        server.received.length < 3 ? json(response, { message: 'Oops.' }, 500) : json(response, { ok: true }),
      );
      const retries: boolean[] = [];
      const startedAt = performance.now();
      const { answer } = await open(context, server.url).send({ ...read, observer: { onRequest: ({ isRetry }) => retries.push(isRetry) } });
      assert.deepEqual(answer.body, { ok: true });
      assert.deepEqual(retries, [false, true, true]);
      fastEnough(performance.now() - startedAt < 1_500, 'it waited');

      const broken = await serve(context, (_request, response) => json(response, { error: { message: 'Out of order.' } }, 502));
      const givenUpAt = performance.now();
      const given = await failure('SYSTEM_UNAVAILABLE', open(context, broken.url).send(read));
      assert.equal(given.message, 'crm answered 502: Out of order. Syncline tries again.');
      assert.equal(given.retry, 'backoff');
      const tookMs = performance.now() - givenUpAt;
      assert.ok(tookMs > 1_000, `${tookMs}`);
      fastEnough(tookMs < 6_000, `${tookMs}`);
      assert.ok(broken.received.length > 3);
    }),
  );

  it('to nobody says where it went and what to do', async (context) => {
    const address = await deadAddress();
    const client = open(context, address);
    const written = await failure('SYSTEM_UNAVAILABLE', client.send(write));
    assert.equal(written.message, `crm is unreachable at ${address}: connection refused. Is it running? Syncline tries again.`);
    assert.equal(written.details['sent'], false);
    const permit = await failure('SYSTEM_UNAVAILABLE', client.acquirePermit());
    assert.equal(permit.details['sent'], false);
    const signal = AbortSignal.timeout(300);
    await assert.rejects(client.send({ ...read, signal }), (error: unknown) => error === signal.reason);
  });

  it('to a server that does not speak TLS, or has a name that is none, was surely not sent', async (context) => {
    const server = await serve(context, (_request, response) => json(response, {}));
    const plain = await failure('SYSTEM_UNAVAILABLE', open(context, server.url.replace('http:', 'https:')).send(write));
    assert.match(plain.message, /no secure connection/);
    assert.equal(plain.details['sent'], false);
    const nameless = await failure('SYSTEM_UNAVAILABLE', open(context, 'https://nothing.invalid').send(write));
    assert.equal(nameless.details['sent'], false);
    assert.equal(server.received.length, 0);
  });
});

describe('a write', { concurrency: true }, () => {
  it('whose answer is lost is unknown, and never sent a second time', async (context) => {
    const server = await serve(context, ({ url }, response) => {
      if (url === '/reset') response.socket?.resetAndDestroy();
      if (url === '/end') response.socket?.end();
      if (url === '/half') response.writeHead(200, { 'content-length': '99' }).write('{', () => response.socket?.destroy());
      if (url === '/packed') response.writeHead(200, { 'content-encoding': 'gzip' }).end('no gzip');
      if (url === '/huge') response.writeHead(200).end('x'.repeat(2_000));
      if (url === '/503') json(response, { message: 'busy' }, 503, { 'retry-after': '0' });
      if (url === '/302') response.writeHead(302, { location: '/' }).end();
    });
    const client = open(context, server.url, { timeouts: { connectMs: 500, headersMs: 5_000, bodyMs: 5_000, requestMs: 400 }, maxAnswerBytes: 1_000 });
    const paths = { '/silent': undefined, '/reset': undefined, '/end': undefined, '/half': 200, '/packed': 200, '/huge': 200, '/503': 503, '/302': 302 };
    for (const [path, status] of Object.entries(paths)) {
      const unknown = await failure('WRITE_OUTCOME_UNKNOWN', client.send({ ...write, path, signal: AbortSignal.timeout(10) }));
      assert.equal(unknown.details['status'], status, path);
    }
    assert.deepEqual(
      server.received.map(({ url }) => url),
      Object.keys(paths),
    );
  });

  it('that the API refused, or called unprocessed, is no unknown one', async (context) => {
    const server = await serve(context, ({ url }, response) => json(response, { message: 'Nope.', code: 'BAD' }, Number(url.slice(1)), { 'retry-after': '1' }));
    const client = open(context, server.url, { classify: async ({ status }) => (status === 503 ? { class: 'unprocessed', afterMs: 10 } : undefined) });
    const send = (status: number) => client.send({ ...write, path: `/${status}` });
    assert.deepEqual((await send(400)).classification, { class: 'reject-request', message: 'Nope', apiCode: 'BAD' });
    assert.deepEqual((await send(404)).classification, { class: 'not-found', message: 'Nope' });
    assert.deepEqual((await send(413)).classification, { class: 'too-large' });
    assert.deepEqual((await failure('SYSTEM_UNAVAILABLE', send(503))).retry, { afterMs: 10 });
    assert.deepEqual((await failure('RATE_LIMITED', send(429))).retry, { afterMs: 1_000 });
  });

  it('that was refused stays refused where the words of the refusal cannot be read', async (context) => {
    const server = await serve(context, (_request, response) => void response.writeHead(422, { 'content-encoding': 'gzip' }).end('no gzip'));
    assert.deepEqual((await open(context, server.url).send(write)).classification, { class: 'reject-request', message: 'status 422' });
  });

  it('is not sent after a redirect, which says that it was not taken', async (context) => {
    const server = await serve(context, (_request, response) => void response.writeHead(307, { location: '/v3/contacts' }).end());
    const refused = await failure('CONTRACT_BROKEN', open(context, server.url).send(write));
    assert.equal(refused.message, 'crm redirects (307) instead of answering. Put the final address into baseUrl.');
    assert.equal(server.received.length, 1);
  });

  it(
    'is looked at right before it leaves, on a connection that is open already',
    inTime(async (context) => {
      const server = await serve(context, (_request, response) => json(response, {}));
      const client = open(context, server.url, { limits: { concurrency: 1 } });
      const permit = await client.acquirePermit();
      await sleep(20);
      assert.equal(server.connections(), 1);
      let checkedAt = 0;
      const check = async () => {
        await sleep(30);
        assert.equal(server.received.length, 0);
        checkedAt = performance.now();
      };
      await client.send({ ...write, permit, checkBeforeDispatch: check });
      const leftAt = server.received[0]?.at ?? 0;
      assert.ok(checkedAt > 0 && leftAt >= checkedAt);
      fastEnough(leftAt - checkedAt < 50, `${leftAt - checkedAt} ms`);
      assert.equal(server.connections(), 1);

      const lost = new Error('claim lost');
      const told: Told[] = [];
      const second = await client.acquirePermit();
      await assert.rejects(
        client.send({ ...write, permit: second, observer: { onRequest: (request) => told.push(request) }, checkBeforeDispatch: () => Promise.reject(lost) }),
        (error: unknown) => error === lost,
      );
      assert.equal(server.received.length, 1);
      assert.deepEqual(told, []);
      // the place was given back
      await client.send(write);
    }),
  );

  it('whose open connection the server closed meanwhile gets a new one, and is looked at again', async (context) => {
    const server = await serve(context, (_request, response) => json(response, {}));
    const client = open(context, server.url);
    const permit = await client.acquirePermit();
    await client.send({ ...write, permit });
    const second = await client.acquirePermit();
    let checks = 0;
    const { classification } = await client.send({
      ...write,
      permit: second,
      checkBeforeDispatch: async () => {
        checks += 1;
        if (checks > 1) return;
        await server.dropConnections();
      },
    });
    assert.equal(classification.class, 'success');
    assert.equal(checks, 2);
    assert.equal(server.received.length, 2);
  });

  it('is not understood by its connector: unknown, not repeated', async (context) => {
    const server = await serve(context, (_request, response) => json(response, {}));
    const client = open(context, server.url, { classify: () => Promise.reject(new Error('bad rule')) });
    await failure('WRITE_OUTCOME_UNKNOWN', client.send(write));
    await assert.rejects(client.send(read), /bad rule/);
  });
});

it('what an API announces of its own end is told once', async (context) => {
  const headers = { deprecation: '@1688169599', sunset: 'Wed, 31 Dec 2026 23:59:59 GMT', warning: '299 - "Use v3"' };
  const server = await serve(context, (_request, response) => json(response, {}, 200, headers));
  const warnings: string[] = [];
  const client = open(context, server.url, { onWarning: (message) => warnings.push(message) });
  await client.send(read);
  await client.send(read);
  assert.deepEqual(warnings, [
    'what is used of this API is deprecated (since 2023-06-30): see its documentation for what replaces it',
    'what is used of this API ends on Wed, 31 Dec 2026 23:59:59 GMT: see its documentation for what replaces it',
    'the API warns: Use v3',
  ]);
});
