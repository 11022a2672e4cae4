import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { refreshExpiry } from '../../http/auth/stored-token.ts';
import type { AuthOptions } from '../../http/http-client.ts';
import { openHttpClient } from '../../http/open-http-client.ts';
import { failure } from './expect-error.ts';
import { json, open, serve } from './local-server.ts';
import { memoryTokens, REFRESH_AUTH, serveTokens } from './token-server.ts';

const read = { method: 'GET', path: '/contacts', repeat: 'read' } as const;
const client = { type: 'oauth2-client-credentials', tokenUrl: '/oauth/token', clientId: 'id', clientSecret: 'client-secret', clientIn: 'body' } as const;

/** A clock that is set forward by hand. */
function manualClock() {
  const clock = { at: Date.now(), now: () => clock.at, random: Math.random };
  return clock;
}

/** An API whose token endpoint has answers of its own: one refresh token may be used, then the grant is over. */
function serveOwnWays(context: TestContext) {
  return serve(context, ({ url, body }, response) => {
    if (!url.startsWith('/oauth/token')) return json(response, []);
    if (`${url}${body}`.includes('refresh-1')) return json(response, { code: 'ENDED', message: 'all over' });
    json(response, { data: { token: 'access-1', next: 'refresh-1', until: new Date(Date.now() + 600_000).toISOString() } });
  });
}

describe('OAuth 2.0 client credentials', { concurrency: true }, () => {
  it('asks for a token once for all concurrent requests, as the form of RFC 6749', async (context) => {
    const server = await serveTokens(context);
    const api = open(context, server.url, { auth: { ...client, scopes: ['crm.read', 'crm.write'] } });
    await Promise.all(Array.from({ length: 6 }, () => api.send(read)));
    assert.deepEqual(
      server.asked.map((form) => Object.fromEntries(form)),
      [{ grant_type: 'client_credentials', scope: 'crm.read crm.write', client_id: 'id', client_secret: 'client-secret' }],
    );
  });

  it('may prove itself by HTTP Basic, and ask at another address', async (context) => {
    const server = await serveTokens(context);
    const elsewhere = await serve(context, (_request, response) => json(response, { access_token: 'other', expires_in: '60' }));
    server.accepted.add('other');
    await open(context, server.url, { auth: { ...client, clientIn: 'header', clientSecret: 's:1', tokenUrl: `${elsewhere.url}/t?tenant=1` } }).send(read);
    const [asked] = elsewhere.received;
    assert.equal(asked?.url, '/t?tenant=1');
    assert.equal(Buffer.from(asked?.headers.authorization?.replace('Basic ', '') ?? '', 'base64').toString(), 'id:s%3A1');
    assert.equal(asked?.body, 'grant_type=client_credentials');
  });

  it('renews ahead of the end: a minute, or a tenth of a short life', async (context) => {
    for (const [expiresIn, goodMs, staleMs] of [
      [3_600, 3_530_000, 3_541_000],
      [100, 89_000, 91_000],
      [undefined, 3_530_000, 3_541_000],
      [0, 3_530_000, 3_541_000],
      ['', 3_530_000, 3_541_000],
    ] as const) {
      const server = await serveTokens(context);
      server.expiresIn = expiresIn;
      const clock = manualClock();
      const from = clock.at;
      const api = open(context, server.url, { auth: client }, clock);
      await api.send(read);
      clock.at = from + goodMs;
      await api.send(read);
      assert.equal(server.asked.length, 1);
      clock.at = from + staleMs;
      await api.send(read);
      assert.equal(server.asked.length, 2);
    }
  });

  it('after a 401 asks anew, once for all, and sends reads and writes again; a second 401 is final', async (context) => {
    const server = await serveTokens(context);
    const api = open(context, server.url, { auth: client, tokens: memoryTokens() });
    await api.send(read);
    server.accepted.clear();
    const retries: boolean[] = [];
    const observer = { onRequest: ({ isRetry }: { readonly isRetry: boolean }) => retries.push(isRetry) };
    let checks = 0;
    const write = {
      method: 'POST',
      path: '/contacts',
      body: { json: {} },
      repeat: 'once',
      observer,
      checkBeforeDispatch: async () => {
        checks += 1;
      },
    } as const;
    await Promise.all([api.send(read), api.send(read), api.send(write)]);
    assert.equal(server.asked.length, 2);
    assert.deepEqual(retries, [false, true]);
    assert.equal(checks, 2);

    const closed = await serve(context, ({ url }, response) =>
      url === '/oauth/token' ? json(response, { access_token: `a${Math.random()}` }) : json(response, { message: 'no' }, 401),
    );
    await failure('CREDENTIALS_REJECTED', open(context, closed.url, { auth: client }).send(read));
    assert.equal(closed.received.filter(({ url }) => url === '/contacts').length, 2);
  });

  it('asks once, also where a 401 to the old token comes after the new one', async (context) => {
    const server = await serveTokens(context);
    const api = open(context, server.url, { auth: client });
    await api.send(read);
    server.accepted.clear();
    server.lateMs = 150;
    const late = api.send(read);
    await new Promise((resolve) => setTimeout(resolve, 20));
    server.lateMs = 0;
    await Promise.all([late, api.send(read)]);
    assert.equal(server.asked.length, 2);
  });

  it('takes the token that another process has kept', async (context) => {
    const server = await serveTokens(context);
    const tokens = memoryTokens();
    await open(context, server.url, { auth: client, tokens }).send(read);
    await open(context, server.url, { auth: client, tokens }).send(read);
    assert.equal(server.asked.length, 1);
    // another secret or scope: not the same token
    await open(context, server.url, { auth: { ...client, scopes: ['more'] }, tokens }).send(read);
    assert.equal(server.asked.length, 2);
  });
});

describe('OAuth 2.0 refresh token', { concurrency: true }, () => {
  it('keeps a rotated token durably before the new access token is used', async (context) => {
    const server = await serveTokens(context);
    const tokens = memoryTokens();
    tokens.failNextSave = true;
    const api = open(context, server.url, { auth: REFRESH_AUTH, tokens });
    await assert.rejects(api.send(read), /disk full/);
    assert.equal(server.received.filter(({ url }) => url === '/contacts').length, 0);
    // The token that could not be kept is not lost: it is kept now, not asked for again.
    await api.send(read);
    assert.equal(server.asked.length, 1);
    assert.equal(tokens.saved[0]?.['refreshToken'], 'refresh-1');
    assert.ok(!JSON.stringify(tokens.saved).includes('client-secret'));
  });

  it('goes on with the rotated token after a restart, and in two processes at once', async (context) => {
    const server = await serveTokens(context);
    const tokens = memoryTokens();
    const clock = manualClock();
    const [one, two] = [open(context, server.url, { auth: REFRESH_AUTH, tokens }, clock), open(context, server.url, { auth: REFRESH_AUTH, tokens }, clock)];
    await Promise.all([one.send(read), two.send(read), one.send(read)]);
    assert.equal(server.asked.length, 1);
    clock.at += 4_000_000;
    await Promise.all([one.send(read), two.send(read)]);
    assert.deepEqual(
      server.asked.map((form) => form.get('refresh_token')),
      ['refresh-0', 'refresh-1'],
    );
    clock.at += 4_000_000;
    await open(context, server.url, { auth: REFRESH_AUTH, tokens }, clock).send(read);
    assert.equal(server.asked[2]?.get('refresh_token'), 'refresh-2');
  });

  it('is kept with its end where the API tells one, in whichever words; one that stays ends when it would have', async (context) => {
    for (const name of ['refresh_token_expires_in', 'refresh_expires_in', 'x_refresh_token_expires_in']) {
      const server = await serveTokens(context);
      const clock = manualClock();
      const tokens = memoryTokens();
      server.more = { [name]: '8640' };
      const api = open(context, server.url, { auth: REFRESH_AUTH, tokens, account: 'acme/dev/crm' }, clock);
      await api.send(read);
      const end = clock.at + 8_640_000;
      assert.equal(await refreshExpiry(tokens, 'acme/dev/crm'), end);
      server.more = { refresh_token: undefined };
      server.keepsRefreshToken = true;
      clock.at += 3_600_000;
      await api.send(read);
      assert.deepEqual([server.asked.length, await refreshExpiry(tokens, 'acme/dev/crm')], [2, end]);
    }
  });

  it('is asked for, read and sent as the API wants it, and its own words for a dead grant are understood', async (context) => {
    const server = await serveOwnWays(context);
    const tokens = memoryTokens();
    const ways = {
      ...REFRESH_AUTH,
      tokenRequest: {
        in: 'query',
        format: 'form',
        names: { client_id: 'app_id', refresh_token: 'renewal' },
        fields: { grant_type: 'renew', audience: 'crm' },
        headers: { 'X-Client': 'syncline' },
      },
      token: { from: 'body.data.token', refreshToken: 'body.data.next', expiresAt: 'body.data.until', refused: "body.code = 'ENDED'" },
      send: { in: 'query', name: 'access' },
    } as const;
    const clock = manualClock();
    const api = open(context, server.url, { auth: ways, tokens }, clock);
    await api.send(read);
    const [asked, sent] = server.received;
    assert.equal(asked?.url, '/oauth/token?grant_type=renew&renewal=refresh-0&app_id=id&client_secret=client-secret&audience=crm');
    assert.deepEqual([asked?.body, asked?.headers['x-client'], asked?.headers['content-type']], ['', 'syncline', undefined]);
    assert.deepEqual([sent?.url, sent?.headers.authorization], ['/contacts?access=access-1', undefined]);
    clock.at += 3_600_000;
    const error = await failure('CREDENTIALS_REJECTED', api.send(read));
    assert.equal(new URL(server.received.at(-1)?.url ?? '', server.url).searchParams.get('renewal'), 'refresh-1', 'the rotated one');
    assert.match(error.message, /^crm no longer accepts the refresh token: all over\. Authorise Syncline there again/);
    const asJson = { ...ways, tokenRequest: { ...ways.tokenRequest, in: 'body', format: 'json' }, token: { ...ways.token, from: 'body.nowhere' } } as const;
    const broken = await failure('CONTRACT_BROKEN', open(context, server.url, { auth: asJson }).send(read));
    assert.match(broken.message, /answered without a token at body\.nowhere\. Check "token\.from"/);
    const fields = { grant_type: 'renew', renewal: 'refresh-0', app_id: 'id', client_secret: 'client-secret', audience: 'crm' };
    assert.deepEqual(JSON.parse(server.received.at(-1)?.body ?? ''), fields);
  });

  it('that a person put in anew wins over the kept one', async (context) => {
    const server = await serveTokens(context);
    const tokens = memoryTokens();
    await open(context, server.url, { auth: REFRESH_AUTH, tokens }).send(read);
    server.refreshToken = 'by-hand';
    await open(context, server.url, { auth: { ...REFRESH_AUTH, refreshToken: 'by-hand' }, tokens }).send(read);
    assert.equal(server.asked[1]?.get('refresh_token'), 'by-hand');
  });

  it('works without a store, as long as the process lives', async (context) => {
    const server = await serveTokens(context);
    const clock = manualClock();
    const api = open(context, server.url, { auth: { ...REFRESH_AUTH, clientSecret: undefined } }, clock);
    await api.send(read);
    clock.at += 4_000_000;
    await api.send(read);
    assert.deepEqual(
      server.asked.map((form) => form.get('refresh_token')),
      ['refresh-0', 'refresh-1'],
    );
    assert.equal(server.asked[0]?.has('client_secret'), false);
  });
});

describe('a token endpoint that refuses', { concurrency: true }, () => {
  const cases: readonly (readonly [string, AuthOptions, { readonly status: number; readonly body: unknown }, Parameters<typeof failure>[0], string])[] = [
    [
      'a refresh token',
      REFRESH_AUTH,
      { status: 400, body: { error: 'invalid_grant', error_description: 'refresh-0 was revoked.' } },
      'CREDENTIALS_REJECTED',
      'crm no longer accepts the refresh token (invalid_grant): ••• was revoked. Authorise Syncline there again, and put the new refresh token into the secret of connection crm.',
    ],
    [
      'the client',
      client,
      { status: 401, body: { error: 'invalid_client', error_description: 'bad client-secret' } },
      'CREDENTIALS_REJECTED',
      'crm refused the client id or client secret (invalid_client): bad •••. Check both in connection crm.',
    ],
    [
      'with an error of its own',
      client,
      { status: 503, body: 'client-secret' },
      'SYSTEM_UNAVAILABLE',
      'The token endpoint of crm answered 503. Syncline tries again.',
    ],
    [
      'with something else',
      client,
      { status: 200, body: { ok: 'client-secret' } },
      'CONTRACT_BROKEN',
      'The token endpoint of crm answered without an access_token. Check tokenUrl (URL/oauth/token).',
    ],
  ];
  for (const [what, auth, refusal, code, message] of cases) {
    it(`${what} is named in a sentence without secrets`, async (context) => {
      const server = await serveTokens(context);
      server.refusal = refusal;
      const refused = await failure(code, open(context, server.url, { auth }).send({ ...read, repeat: 'once' }));
      assert.equal(refused.message, message.replace('URL', server.url));
      assert.ok(!JSON.stringify([refused.details, refused.cause]).includes('secret'));
      assert.equal(server.received.filter(({ url }) => url === '/contacts').length, 0);
    });
  }

  it('by not being there is the trouble of its address; nothing was sent', async (context) => {
    const server = await serveTokens(context);
    const gone = await serve(context, () => undefined);
    await gone.stop();
    const refused = await failure(
      'SYSTEM_UNAVAILABLE',
      open(context, server.url, { auth: { ...client, tokenUrl: `${gone.url}/t` } }).send({ ...read, repeat: 'once' }),
    );
    assert.equal(refused.message, `The token endpoint of crm is unreachable at ${gone.url}: connection refused. Is it running? Syncline tries again.`);
    assert.equal(refused.details['sent'], false);
  });

  it('to be encrypted is a mistake in the definition', () => {
    const options = {
      name: 'crm',
      account: 'a',
      baseUrl: 'https://api.example.com',
      headers: {},
      limits: {},
      timeouts: { connectMs: 1, headersMs: 1, bodyMs: 1, requestMs: 1 },
      maxAnswerBytes: 1,
      allowPlainHttp: false,
    } as const;
    const message = 'tokenUrl of connection crm is not encrypted (http://auth.example.com): use https.';
    assert.throws(() => openHttpClient({ ...options, auth: { ...client, tokenUrl: 'http://auth.example.com/token' } }), {
      code: 'DEFINITION_INVALID',
      message,
    });
  });
});
