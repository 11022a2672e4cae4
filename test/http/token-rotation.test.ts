import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { OutgoingRequest } from '../../http/auth/authenticator.ts';
import { TokenKeeper, type TokenKeeperOptions } from '../../http/auth/token-keeper.ts';
import type { AuthOptions } from '../../http/http-client.ts';
import { failure } from './expect-error.ts';
import { open } from './local-server.ts';
import { memoryTokens, REFRESH_AUTH, serveTokens } from './token-server.ts';

const OWNER = ['acme/dev/crm', 'oauth2'] as const;
const LIFE_MS = 3_600_000;

/** A login whose server rotates: each renewal ends the refresh token before it. */
function rotating() {
  const clock = { at: 1_800_000_000_000, now: () => clock.at, random: Math.random };
  const tokens = memoryTokens();
  const server = { live: 1, asked: 0 };
  const request: TokenKeeperOptions['request'] = async (refreshToken) => {
    server.asked += 1;
    if (refreshToken !== `refresh-${server.live}`) throw new Error(`invalid_grant: ${refreshToken}`);
    server.live += 1;
    return { accessToken: `access-${server.live}`, refreshToken: `refresh-${server.live}`, lifetimeMs: LIFE_MS };
  };
  const keep = (more: Partial<TokenKeeperOptions> = {}) =>
    new TokenKeeper({ options: { account: OWNER[0], tokens }, clock, settings: 's', origin: 'login', secrets: [], request, ...more });
  const logIn = async (number: number, lifeMs: number) => {
    server.live = number;
    const token = { accessToken: `access-${number}`, refreshToken: `refresh-${number}`, renewAt: clock.at + lifeMs, settings: 's', origin: 'login' };
    await tokens.saveCredential(...OWNER, token, clock.at);
  };
  const stored = async () => (await tokens.readCredential(...OWNER))?.['refreshToken'];
  return { clock, tokens, server, keep, logIn, stored };
}

describe('a token that could not be kept', { concurrency: true }, () => {
  it('is kept as soon as the store takes it', async () => {
    const { tokens, server, keep, logIn, stored } = rotating();
    await logIn(1, 0);
    const keeper = keep();
    tokens.failNextSave = true;
    await assert.rejects(keeper.prepare(), /disk full/);
    await keeper.prepare();
    assert.deepEqual([server.asked, await stored()], [1, 'refresh-2']);
  });

  it('never takes the place of a later login, not even when that is renewed', async () => {
    const { clock, tokens, server, keep, logIn, stored } = rotating();
    await logIn(1, 0);
    const keeper = keep();
    tokens.failNextSave = true;
    await assert.rejects(keeper.prepare(), /disk full/);
    await logIn(100, LIFE_MS);
    await keeper.prepare();
    clock.at += LIFE_MS;
    await keeper.prepare();
    assert.deepEqual([server.asked, await stored()], [2, 'refresh-101']);
  });
});

describe('a process that stood still for longer than its lock lasts', { concurrency: true }, () => {
  it('leaves the login that it finds then, and uses it', async () => {
    const { keep, logIn, stored } = rotating();
    await logIn(1, 0);
    const keeper = keep({
      request: async () => {
        await logIn(100, LIFE_MS);
        return { accessToken: 'access-2', refreshToken: 'refresh-2', lifetimeMs: LIFE_MS };
      },
    });
    const request: OutgoingRequest = { headers: {}, url: new URL('https://crm.example.com/') };
    await keeper.apply(request);
    assert.deepEqual([request.headers['authorization'], await stored()], ['Bearer access-100', 'refresh-100']);
  });
});

describe('a rotated refresh token', { concurrency: true }, () => {
  const read = { method: 'GET', path: '/contacts', repeat: 'read' } as const;
  const cases: readonly (readonly [string, AuthOptions, Readonly<Record<string, unknown>>])[] = [
    ['without the token itself', REFRESH_AUTH, { access_token: '' }],
    ['whose lifetime is not where it should be', { ...REFRESH_AUTH, token: { expiresIn: 'body.seconds' } }, {}],
    ['that does not name the address', { ...REFRESH_AUTH, baseUrlFrom: { answer: 'at', hosts: ['127.0.0.1'] } }, {}],
  ];
  for (const [what, ways, broken] of cases) {
    for (const [where, store] of [
      ['the store', { tokens: memoryTokens() }],
      ['memory without a store', {}],
    ] as const) {
      it(`is kept in ${where}, out of an answer ${what}`, async (context) => {
        const server = await serveTokens(context);
        const api = open(context, server.url, { auth: ways, ...store });
        server.more = broken;
        for (let round = 0; round < 2; round++) await failure('CONTRACT_BROKEN', api.send(read));
        server.more = { seconds: 3_600, at: server.url };
        await api.send(read);
        assert.deepEqual(
          server.asked.map((form) => form.get('refresh_token')),
          ['refresh-0', 'refresh-1', 'refresh-2'],
        );
      });
    }
  }

  it('is kept also where the store took it only later', async (context) => {
    const server = await serveTokens(context);
    const tokens = memoryTokens();
    const api = open(context, server.url, { auth: REFRESH_AUTH, tokens });
    tokens.failNextSave = true;
    server.more = { access_token: '' };
    await assert.rejects(api.send(read), /disk full/);
    await failure('CONTRACT_BROKEN', api.send(read));
    server.more = {};
    await api.send(read);
    assert.deepEqual(
      server.asked.map((form) => form.get('refresh_token')),
      ['refresh-0', 'refresh-1'],
    );
  });
});

describe('a refused token', { concurrency: true }, () => {
  it('is renewed, once for all, also where another request is looking into the store', async () => {
    const { clock, server, keep, logIn } = rotating();
    await logIn(1, LIFE_MS);
    const keeper = keep({ watchMs: 30_000 });
    const outgoing = [1, 2].map(() => ({ headers: {}, url: new URL('https://crm.example.com/') }));
    for (const request of outgoing) await keeper.apply(request);
    clock.at += 30_001;
    const look = keeper.prepare();
    assert.deepEqual(await Promise.all(outgoing.map((request) => keeper.onRejected(request))), [true, true]);
    await look;
    assert.equal(server.asked, 1);
  });
});
