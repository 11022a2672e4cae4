import assert from 'node:assert/strict';
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { describe, it, type TestContext } from 'node:test';
import { decodeJwt, decodeProtectedHeader, exportJWK } from 'jose';
import { openLogin } from '../../http/auth/open-login.ts';
import type { AuthOptions, TokenStore } from '../../http/http-client.ts';
import { PATIENT_TIMEOUTS } from '../support/until.ts';
import { type AuthorizationServer, NATIVE_CLIENT, startAuthorizationServer } from './authorization-server.ts';
import { failure } from './expect-error.ts';
import { followLogin } from './follow-login.ts';
import { open } from './local-server.ts';
import { memoryTokens } from './token-server.ts';

const read = { method: 'GET', path: '/me', repeat: 'read' } as const;
const JWT = { type: 'jwt', send: 'assertion', scopesIn: 'claim', lifetime: '3m' } as const;
const REDIRECT = 'http://127.0.0.1:45678/callback';

function loginAuth(server: AuthorizationServer) {
  return {
    type: 'oauth2-authorization-code',
    authorizeUrl: '/auth',
    tokenUrl: '/token',
    deviceUrl: `${server.url}/device/auth`,
    revokeUrl: '/token/revocation',
    clientId: 'syncline',
    clientIn: 'body',
    scopes: ['openid', 'offline_access'],
    authorizeParameters: { prompt: 'consent' },
  } as const;
}

function loginTo(server: AuthorizationServer, tokens: TokenStore, clock?: Parameters<typeof openLogin>[1]) {
  const timeouts = PATIENT_TIMEOUTS;
  return openLogin({ name: 'crm', account: 'acme/dev/crm', baseUrl: server.url, auth: loginAuth(server), allowPlainHttp: false, timeouts, tokens }, clock);
}

/** Logs anna in by the server's own pages. */
async function logIn(server: AuthorizationServer, tokens: TokenStore) {
  const begun = loginTo(server, tokens).begin(REDIRECT);
  const callback = await followLogin(begun.url);
  assert.ok(begun.isAnswer(callback));
  return { begun, callback, state: await begun.finish(callback) };
}

function manualClock() {
  const clock = { at: Date.now(), now: () => clock.at, random: Math.random };
  return clock;
}

async function publicKeys(...keys: readonly (readonly [kid: string, key: KeyObject])[]) {
  return { keys: await Promise.all(keys.map(async ([kid, key]) => ({ ...(await exportJWK(key)), kid, use: 'sig' }))) };
}

const pem = (key: KeyObject) => key.export({ type: 'pkcs8', format: 'pem' }).toString();

describe('a login by authorization code, at a real authorization server', () => {
  const begin = async (context: TestContext) => {
    const server = await startAuthorizationServer(context, { clients: [NATIVE_CLIENT] });
    return { server, tokens: memoryTokens() };
  };
  const api = (context: TestContext, server: AuthorizationServer, tokens: TokenStore, clock?: Parameters<typeof open>[3]) =>
    open(context, server.url, { auth: loginAuth(server), tokens }, clock);

  it('gives tokens by PKCE that the API takes; the verifier is sent once, and kept nowhere', async (context) => {
    const { server, tokens } = await begin(context);
    const { begun, state } = await logIn(server, tokens);
    const address = new URL(begun.url);
    assert.equal(address.searchParams.get('code_challenge_method'), 'S256');
    assert.ok(!address.searchParams.has('code_verifier'));
    assert.deepEqual([state.scopes, state.hasRefreshToken], [['openid', 'offline_access'], true]);
    const { answer } = await api(context, server, tokens).send(read);
    assert.deepEqual(answer.body, { sub: 'anna' });
    const [exchange] = server.asked;
    const verifier = exchange?.form.get('code_verifier') ?? '';
    assert.match(verifier, /^[\w-]{43}$/);
    assert.ok(!JSON.stringify(tokens.saved).includes(verifier));
  });

  it('is needed: without one, a request says what to run, and nothing is sent', async (context) => {
    const { server, tokens } = await begin(context);
    const refused = await failure('CREDENTIALS_REJECTED', api(context, server, tokens).send(read));
    assert.equal(refused.message, 'Nobody is logged in to crm, or the login has ended: run "syncline login crm".');
    assert.deepEqual(server.asked, []);
  });

  it('takes the one answer that has its state, and that one once', async (context) => {
    const { server, tokens } = await begin(context);
    const begun = loginTo(server, tokens).begin(REDIRECT);
    const other = loginTo(server, tokens).begin(REDIRECT);
    const callback = await followLogin(begun.url);
    assert.equal(other.isAnswer(callback), false);
    assert.equal(begun.isAnswer(new URL('http://127.0.0.1:45678/callback?code=stolen')), false);
    await begun.finish(callback);
    assert.equal(begun.isAnswer(callback), false);
    // The server too takes a code once, and only with the verifier it was asked with.
    await failure('CREDENTIALS_REJECTED', other.finish(callback));
  });

  it('that the person refuses is told in a sentence', async (context) => {
    const { server, tokens } = await begin(context);
    const begun = loginTo(server, tokens).begin(REDIRECT);
    const state = new URL(begun.url).searchParams.get('state') ?? '';
    const callback = new URL(`${REDIRECT}?error=access_denied&error_description=End-User+aborted+interaction&state=${state}`);
    const refused = await failure('CREDENTIALS_REJECTED', begun.finish(callback));
    assert.equal(refused.message, 'The login to crm was refused there: End-User aborted interaction.');
  });

  it('is refreshed once for two processes, and goes on with the rotated token', async (context) => {
    const { server, tokens } = await begin(context);
    await logIn(server, tokens);
    const clock = manualClock();
    const [one, two] = [api(context, server, tokens, clock), api(context, server, tokens, clock)];
    for (let hour = 0; hour < 3; hour++) {
      clock.at += 4_000_000;
      await Promise.all([one.send(read), two.send(read), one.send(read)]);
    }
    const refreshed = server.asked.flatMap(({ form }) => form.get('refresh_token') ?? []);
    assert.equal(refreshed.length, 3);
    assert.equal(new Set(refreshed).size, 3, 'each refresh token is used once');
  });

  it('ends when a refresh token is used twice; a new login lets the same client go on', async (context) => {
    const { server, tokens } = await begin(context);
    await logIn(server, tokens);
    const stolen = String(tokens.saved.at(-1)?.['refreshToken']);
    const clock = manualClock();
    const client = api(context, server, tokens, clock);
    clock.at += 4_000_000;
    await client.send(read);
    // A thief's copy: the server takes it for one, and ends the whole login (RFC 9700 section 4.14.2).
    const thief = memoryTokens();
    await thief.saveCredential('acme/dev/crm', 'oauth2', { ...tokens.saved[0], refreshToken: stolen, renewAt: 0 }, 0);
    await failure('CREDENTIALS_REJECTED', api(context, server, thief, clock).send(read));
    const ended = await failure('CREDENTIALS_REJECTED', client.send(read));
    assert.match(ended.message, /^crm no longer accepts the login \(invalid_grant\): .+\. To log in again, run "syncline login crm"\.$/);
    await logIn(server, tokens);
    assert.deepEqual((await client.send(read)).answer.body, { sub: 'anna' });
  });

  it('as somebody else is taken by a client that is at work', async (context) => {
    const { server, tokens } = await begin(context);
    await logIn(server, tokens);
    const clock = manualClock();
    const client = api(context, server, tokens, clock);
    await client.send(read);
    const begun = loginTo(server, tokens).begin(REDIRECT);
    await begun.finish(await followLogin(begun.url, 'berta'));
    clock.at += 31_000;
    assert.deepEqual((await client.send(read)).answer.body, { sub: 'berta' });
  });

  it('is ended by a logout: the tokens are revoked there, and forgotten here', async (context) => {
    const { server, tokens } = await begin(context);
    await logIn(server, tokens);
    const client = api(context, server, tokens);
    await client.send(read);
    assert.deepEqual(await loginTo(server, tokens).logout(), { isRevoked: true });
    assert.equal(await loginTo(server, tokens).state(), undefined);
    assert.match((await failure('CREDENTIALS_REJECTED', client.send(read))).message, /^Nobody is logged in to crm/);
    assert.equal(await loginTo(server, tokens).logout(), undefined);
  });

  it('can be finished on another machine (RFC 8628)', async (context) => {
    const { server, tokens } = await begin(context);
    const begun = await loginTo(server, tokens).beginOnDevice();
    assert.match(begun.userCode, /^\w{4}-\w{4}$/);
    const waiting = begun.wait(AbortSignal.timeout(60_000));
    await followLogin(begun.wholeUrl ?? begun.verificationUrl);
    assert.equal((await waiting).hasRefreshToken, true);
    assert.deepEqual((await api(context, server, tokens).send(read)).answer.body, { sub: 'anna' });
  });
});

describe('assertions, at a real authorization server', () => {
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  /** As Salesforce has it. */
  const SIGNED = {
    ...JWT,
    algorithm: 'ES256',
    key: pem(ec.privateKey),
    keyId: 'ec-1',
    tokenUrl: '/token',
    clientId: 'signed',
    issuer: 'robot@acme.test',
  } as const;
  const stranger = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const begin = async (context: TestContext) => {
    const jwks = await publicKeys(['rsa-1', rsa.publicKey], ['ec-1', ec.publicKey]);
    const none = { redirect_uris: [], response_types: [] };
    const server = await startAuthorizationServer(context, {
      clients: [
        { ...none, client_id: 'machine', token_endpoint_auth_method: 'private_key_jwt', jwks, grant_types: ['client_credentials'] },
        { ...none, client_id: 'signed', token_endpoint_auth_method: 'none', grant_types: ['urn:ietf:params:oauth:grant-type:jwt-bearer'] },
      ],
      assertionKeys: { 'robot@acme.test': jwks },
    });
    const tokens = memoryTokens();
    /** Gets a token, as the first request would. */
    const prove = async (auth: AuthOptions) => {
      const permit = await open(context, server.url, { auth, tokens }).acquirePermit();
      permit.release();
    };
    return { server, tokens, prove };
  };
  const rsaFile = { type: 'service_account', private_key: pem(rsa.privateKey), private_key_id: 'rsa-1', client_email: 'robot@acme.test' };

  for (const [algorithm, keyId, form, key] of [
    ['RS256', 'rsa-1', 'PKCS #8', pem(rsa.privateKey)],
    ['RS256', 'rsa-1', 'PKCS #1', rsa.privateKey.export({ type: 'pkcs1', format: 'pem' }).toString()],
    ['RS256', 'rsa-1', 'one line, as in an environment variable', pem(rsa.privateKey).replaceAll('\n', '\\n')],
    ['ES256', 'ec-1', 'PKCS #8', pem(ec.privateKey)],
    ['ES256', 'ec-1', 'SEC 1', ec.privateKey.export({ type: 'sec1', format: 'pem' }).toString()],
    ['ES256', undefined, 'a JSON Web Key', JSON.stringify({ ...ec.privateKey.export({ format: 'jwk' }), kid: 'ec-1' })],
  ] as const) {
    it(`prove a client by ${algorithm} (key: ${form}), each time by another one`, async (context) => {
      const { server, tokens, prove } = await begin(context);
      const auth = { type: 'oauth2-client-credentials', tokenUrl: '/token', clientId: 'machine', clientIn: 'body' } as const;
      await prove({ ...auth, clientAssertion: { algorithm, key, keyId } });
      await prove({ ...auth, clientAssertion: { algorithm, key, keyId }, scopes: ['crm.read'] });
      const assertions = server.asked.map(({ form: asked }) => asked.get('client_assertion') ?? '');
      assert.equal(new Set(assertions).size, 2);
      assert.equal(decodeJwt(assertions[0] ?? '').sub, 'machine');
      assert.ok(!server.asked.some(({ form: asked }) => asked.has('client_secret')));
      assert.equal(tokens.saved.length, 2);
    });
  }

  it('are exchanged for a token, as Google has it: from its key file, with the scopes inside', async (context) => {
    const { server, tokens, prove } = await begin(context);
    const key = JSON.stringify({ ...rsaFile, token_uri: `${server.url}/token` });
    await prove({ ...JWT, algorithm: 'RS256', key, clientId: 'signed', subject: 'admin@acme.test', scopes: ['crm.read', 'crm.write'] });
    const assertion = server.asked[0]?.form.get('assertion') ?? '';
    const { iss, sub, aud, scope, iat = 0, exp = 0 } = decodeJwt(assertion);
    assert.deepEqual(
      { iss, sub, aud, scope, lives: exp - iat },
      {
        iss: 'robot@acme.test',
        sub: 'admin@acme.test',
        aud: `${server.url}/token`,
        scope: 'crm.read crm.write',
        lives: 180,
      },
    );
    assert.equal(decodeProtectedHeader(assertion).kid, 'rsa-1');
    assert.equal(tokens.saved.length, 1);
  });

  it('are exchanged, as Salesforce has it: the API is where the answer says, below the path of baseUrl', async (context) => {
    const { server } = await begin(context);
    const client = open(context, `${server.url}/v1`, {
      auth: { ...SIGNED, tokenUrl: `${server.url}/token`, baseUrlFrom: { answer: 'instance_url', hosts: ['127.0.0.1'] } },
    });
    const told = await client.send({ ...read, path: '/query' });
    assert.equal(told.answer.url, `${server.url}/instance/v1/query`);
  });

  it('lead nowhere but to the hosts that are declared', async (context) => {
    const { server, prove } = await begin(context);
    const refused = await failure('CONTRACT_BROKEN', prove({ ...SIGNED, baseUrlFrom: { answer: 'instance_url', hosts: ['*.my.salesforce.com'] } }));
    const message = 'The answer with the token of crm leads to 127.0.0.1, which is none of baseUrlFrom.hosts: refused, because the credentials would go there.';
    assert.equal(refused.message, message);
    assert.equal(server.asked.length, 1);
  });

  it('that are not accepted are told in a sentence, without key and assertion', async (context) => {
    const { prove } = await begin(context);
    const auth = { ...JWT, algorithm: 'ES256', key: pem(stranger.privateKey), tokenUrl: '/token', clientId: 'signed', issuer: 'robot@acme.test' } as const;
    const refused = await failure('CREDENTIALS_REJECTED', prove(auth));
    const message =
      'crm refused the assertion (invalid_grant): grant request is invalid. Check key, issuer, subject and audience of connection crm, and the clock of this machine.';
    assert.equal(refused.message, message);
    const client = { type: 'oauth2-client-credentials', tokenUrl: '/token', clientId: 'machine', clientIn: 'body' } as const;
    const unknown = await failure('CREDENTIALS_REJECTED', prove({ ...client, clientAssertion: { algorithm: 'ES256', key: pem(stranger.privateKey) } }));
    assert.match(
      unknown.message,
      /^crm refused the client id or its signature \(invalid_client\): .+\. Check clientId and clientAssertion of connection crm, and the clock/,
    );
  });
});
