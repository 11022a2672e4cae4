import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { SessionTokenOptions } from '../../http/auth/auth-options.ts';
import { openSessionLogin } from '../../http/auth/session-logout.ts';
import type { TokenStore } from '../../http/http-client.ts';
import { PATIENT_TIMEOUTS } from '../support/until.ts';
import { failure } from './expect-error.ts';
import { json, open, type ReceivedRequest, serve } from './local-server.ts';
import { memoryTokens } from './token-server.ts';

const read = { method: 'GET', path: '/orders', repeat: 'read' } as const;
const BASE: SessionTokenOptions = {
  type: 'session-token',
  credentials: { user: 'anna', password: 'geheim {1}' },
  login: { post: '/session', body: { name: '{user}', pass: '{password}' }, format: 'json' },
  token: { from: 'body.data.token' },
  send: { in: 'header', name: 'X-Session' },
  renewOn: [401],
};

/** An API whose sessions are good until they are ended. */
async function begin(
  context: TestContext,
  answer: (session: string) => { readonly body?: unknown; readonly headers?: Record<string, string> } = (session) => ({ body: { data: { token: session } } }),
) {
  let refusal: { readonly status: number; readonly body: unknown } | undefined;
  const state = { sessions: new Set<string>(), logins: 0, status: 401, refusal };
  const server = await serve(context, async (request, response) => {
    if (request.url.startsWith('/session')) {
      if (request.method === 'DELETE') {
        state.sessions.delete(sessionOf(request));
        return json(response, {}, 200);
      }
      state.logins += 1;
      // Long enough for others to log in at the same time, if they do.
      await new Promise((resolve) => setTimeout(resolve, 30));
      if (state.refusal !== undefined) return json(response, state.refusal.body, state.refusal.status);
      const session = `session-${state.logins}`;
      state.sessions.add(session);
      const { body = {}, headers = {} } = answer(session);
      return json(response, body, 200, headers);
    }
    if (state.sessions.has(sessionOf(request))) return json(response, { ok: true });
    json(response, { message: 'no session' }, state.status);
  });
  return { state, server };
}

function sessionOf({ headers, url }: ReceivedRequest): string {
  const inCookie = /(?:^|; )SESSION=([^;]+)/.exec(headers.cookie ?? '')?.[1];
  const inQuery = new URL(url, 'http://api').searchParams.get('sid') ?? undefined;
  return headers['x-session']?.toString() ?? inCookie ?? inQuery ?? headers.authorization?.replace(/^\w+ /, '') ?? '';
}

describe('a session token', { concurrency: true }, () => {
  it('comes of a login with the credentials, and goes with all requests', async (context) => {
    const { state, server } = await begin(context);
    const api = open(context, server.url, { auth: BASE });
    await Promise.all([api.send(read), api.send(read)]);
    assert.equal(state.logins, 1);
    assert.deepEqual(JSON.parse(server.received[0]?.body ?? ''), { name: 'anna', pass: 'geheim {1}' });
    assert.equal(server.received[1]?.headers['x-session'], 'session-1');
  });

  for (const [where, auth, headers] of [
    [
      'a cookie',
      { token: { from: 'cookies.SESSION' }, send: { in: 'cookie', name: 'SESSION' } },
      { 'set-cookie': 'lang=de; Expires=Wed, 09 Jun 2027 10:18:14 GMT, SESSION=TOKEN; Path=/; HttpOnly' },
    ],
    [
      'a header of the answer, sent as bearer token',
      { token: { from: "headers.'x-token'" }, send: { in: 'header', name: 'Authorization' } },
      { 'x-token': 'TOKEN' },
    ],
    ['the query', { send: { in: 'query', name: 'sid' } }, {}],
    ['a header with a prefix', { send: { in: 'header', name: 'Authorization', prefix: 'Token ' } }, {}],
  ] as const) {
    it(`may be in ${where}`, async (context) => {
      const { server } = await begin(context, (session) => ({
        body: { data: { token: session } },
        headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, value.replace('TOKEN', session)])),
      }));
      const { answer } = await open(context, server.url, { auth: { ...BASE, ...auth } }).send(read);
      assert.deepEqual(answer.body, { ok: true });
      assert.equal(answer.url, `${server.url}/orders`);
    });
  }

  it('is asked for as a form, or by an expression over the credentials', async (context) => {
    const { server } = await begin(context);
    await open(context, server.url, { auth: { ...BASE, login: { ...BASE.login, format: 'form' } } }).send(read);
    assert.equal(server.received[0]?.body, 'name=anna&pass=geheim+%7B1%7D');
    const login = { get: '/session', headers: { Authorization: "Basic {$base64encode(user & ':' & password)}" }, format: 'json' } as const;
    await open(context, server.url, { auth: { ...BASE, login } }).send(read);
    assert.equal(server.received[2]?.headers.authorization, `Basic ${Buffer.from('anna:geheim {1}').toString('base64')}`);
  });

  it('may come in XML, and go in the body of each request', async (context) => {
    const server = await serve(context, ({ url }, response) => {
      if (url === '/session') return void response.end('<login><ticket>t-1</ticket></login>');
      json(response, { ok: true });
    });
    const auth = { ...BASE, login: { ...BASE.login, as: 'xml' }, token: { from: 'body.login.ticket' }, send: { in: 'body', name: 'ticket' } } as const;
    await open(context, server.url, { auth }).send({ ...read, method: 'POST', body: { json: { page: 1 } } });
    assert.deepEqual(
      server.received.map(({ headers, body }) => [headers.accept, body]),
      [
        ['application/xml, text/xml', '{"name":"anna","pass":"geheim {1}"}'],
        ['application/json', '{"page":1,"ticket":"t-1"}'],
      ],
    );
  });

  it('is renewed once for all after a 401, also for two processes; a second 401 is final', async (context) => {
    const { state, server } = await begin(context);
    const tokens = memoryTokens();
    const [one, two] = [open(context, server.url, { auth: BASE, tokens }), open(context, server.url, { auth: BASE, tokens })];
    await Promise.all([one.send(read), two.send(read)]);
    assert.equal(state.logins, 1);
    state.sessions.clear();
    await Promise.all([one.send(read), one.send(read), two.send(read)]);
    assert.equal(state.logins, 2);
    const dead = await begin(context, () => ({ body: { data: { token: 'never-good' } } }));
    await failure('CREDENTIALS_REJECTED', open(context, dead.server.url, { auth: BASE }).send(read));
    assert.equal(dead.state.logins, 2);
  });

  it('is renewed on what else the API answers when it has ended, where that is declared', async (context) => {
    const { state, server } = await begin(context);
    const api = open(context, server.url, { auth: { ...BASE, renewOn: [401, 403] } });
    await api.send(read);
    state.sessions.clear();
    state.status = 403;
    assert.deepEqual((await api.send(read)).answer.body, { ok: true });
    assert.equal(state.logins, 2);
  });

  it('is renewed ahead of its end, however that is told', async (context) => {
    const clock = { at: Date.UTC(2026, 0, 1), now: () => clock.at, random: Math.random };
    const end = clock.at + 600_000;
    const lives: readonly (readonly [SessionTokenOptions['token'], unknown])[] = [
      [{ from: 'body.token', expiresIn: 'body.ttl' }, { ttl: 600 }],
      [{ from: 'body.token', expiresAt: 'body.until' }, { until: new Date(end).toISOString() }],
      [{ from: 'body.token', expiresAt: 'body.until' }, { until: end }],
      [{ from: 'body.token', expiresAt: 'body.until' }, { until: String(end / 1_000) }],
      [{ from: 'body.token', lifetime: '10m' }, {}],
    ];
    for (const [token, told] of lives) {
      clock.at = end - 600_000;
      const { state, server } = await begin(context, (session) => ({ body: { token: session, ...Object(told) } }));
      const api = open(context, server.url, { auth: { ...BASE, token } }, clock);
      await api.send(read);
      clock.at = end - 61_000;
      await api.send(read);
      assert.equal(state.logins, 1, JSON.stringify(token));
      clock.at = end - 59_000;
      await api.send(read);
      assert.equal(state.logins, 2, JSON.stringify(token));
    }
  });

  it('is ended by a logout that carries it', async (context) => {
    const { state, server } = await begin(context);
    const tokens: TokenStore = memoryTokens();
    const auth = { ...BASE, logout: { delete: '/session', format: 'json' } as const };
    await open(context, server.url, { auth, tokens }).send(read);
    const login = openSessionLogin({
      name: 'crm',
      account: 'acme/dev/crm',
      baseUrl: server.url,
      auth,
      timeouts: PATIENT_TIMEOUTS,
      allowPlainHttp: false,
      tokens,
    });
    assert.notEqual(await login.state(), undefined);
    assert.deepEqual(await login.logout(), { isRevoked: true });
    assert.equal(state.sessions.size, 0);
    assert.equal(await login.state(), undefined);
  });

  it('that is refused, or not where it should be, is told in a sentence without credentials', async (context) => {
    const { state, server } = await begin(context);
    const sentence = async (auth: SessionTokenOptions, code: Parameters<typeof failure>[0]) =>
      (await failure(code, open(context, server.url, { auth }).send({ ...read, repeat: 'once' }))).message;
    assert.equal(
      await sentence({ ...BASE, token: { from: 'body.session' } }, 'CONTRACT_BROKEN'),
      'The answer to the login of crm holds no token at body.session. Check "token" of connection crm.',
    );
    assert.match(
      await sentence({ ...BASE, token: { from: 'body.data.token', expiresIn: 'body.ttl' } }, 'CONTRACT_BROKEN'),
      /holds no number of seconds at body\.ttl/,
    );
    state.refusal = { status: 401, body: { message: 'wrong password geheim {1}' } };
    assert.equal(
      await sentence(BASE, 'CREDENTIALS_REJECTED'),
      'crm refused the login (401): wrong password •••. Check "credentials" and "login" of connection crm.',
    );
    state.refusal = { status: 503, body: {} };
    assert.equal(await sentence(BASE, 'SYSTEM_UNAVAILABLE'), 'The login of crm answered 503. Syncline tries again.');
    assert.equal(server.received.filter(({ url }) => url === '/orders').length, 0);
  });
});
