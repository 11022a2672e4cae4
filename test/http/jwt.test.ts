import assert from 'node:assert/strict';
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { describe, it } from 'node:test';
import { decodeJwt, jwtVerify } from 'jose';
import type { JwtOptions } from '../../http/auth/auth-options.ts';
import { openSigner } from '../../http/auth/sign-jwt.ts';
import { failure } from './expect-error.ts';
import { json, open, serve } from './local-server.ts';

const read = { method: 'GET', path: '/contacts', repeat: 'read' } as const;
const pem = (key: KeyObject) => key.export({ type: 'pkcs8', format: 'pem' }).toString();
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const BEARER: JwtOptions = {
  type: 'jwt',
  send: 'bearer',
  algorithm: 'ES256',
  key: pem(ec.privateKey),
  keyId: 'K1',
  issuer: 'team-1',
  audience: 'store-v1',
  scopesIn: 'claim',
  lifetime: '5m',
  claims: { bid: 'com.acme' },
  header: { typ: 'JWT' },
};

describe('a JSON Web Token with each request', { concurrency: true }, () => {
  it('is signed with the claims that are declared, and good until shortly before its end', async (context) => {
    const server = await serve(context, (_request, response) => json(response, {}));
    const clock = { at: Date.now(), now: () => clock.at, random: Math.random };
    const api = open(context, server.url, { auth: BEARER }, clock);
    await api.send(read);
    await api.send(read);
    clock.at += 290_000;
    await api.send(read);
    const [first, second, third] = server.received.map(({ headers }) => headers.authorization?.replace('Bearer ', '') ?? '');
    assert.equal(first, second);
    assert.notEqual(first, third);
    const { payload, protectedHeader } = await jwtVerify(first ?? '', ec.publicKey, { issuer: 'team-1', audience: 'store-v1' });
    assert.deepEqual(protectedHeader, { typ: 'JWT', alg: 'ES256', kid: 'K1' });
    assert.equal(payload['bid'], 'com.acme');
    assert.equal((payload.exp ?? 0) - (payload.iat ?? 0), 300);
  });

  it('goes where the API wants it', async (context) => {
    const server = await serve(context, (_request, response) => json(response, {}));
    await open(context, server.url, { auth: { ...BEARER, send: { in: 'header', name: 'Authorization', prefix: 'JWT ' } } }).send(read);
    await open(context, server.url, { auth: { ...BEARER, send: { in: 'query', name: 'jwt' } } }).send(read);
    const [first, second] = server.received;
    assert.match(first?.headers.authorization ?? '', /^JWT [\w-]+\.[\w-]+\.[\w-]+$/);
    assert.deepEqual([second?.headers.authorization, /^\/contacts\?jwt=[\w-]+\.[\w-]+\.[\w-]+$/.test(second?.url ?? '')], [undefined, true]);
  });

  it('is signed anew after a 401, once', async (context) => {
    const server = await serve(context, (_request, response) => json(response, { message: 'too old' }, 401));
    await failure('CREDENTIALS_REJECTED', open(context, server.url, { auth: BEARER }).send(read));
    assert.equal(new Set(server.received.map(({ headers }) => headers.authorization)).size, 2);
    assert.equal(server.received.length, 2);
  });
});

describe('a signature', { concurrency: true }, () => {
  const { privateKey: ed, publicKey: edPublic } = generateKeyPairSync('ed25519');
  const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' });
  const shared = 'a shared secret of more than thirty-two bytes';
  const keys: readonly (readonly [algorithm: string, key: string, check: KeyObject | Uint8Array])[] = [
    ...['RS256', 'RS384', 'RS512', 'PS256'].map((algorithm) => [algorithm, pem(rsa.privateKey), rsa.publicKey] as const),
    ['ES256', pem(ec.privateKey), ec.publicKey],
    ['ES384', pem(p384.privateKey), p384.publicKey],
    ['EdDSA', pem(ed), edPublic],
    ['HS256', shared, new TextEncoder().encode(shared)],
  ];
  for (const [algorithm, key, check] of keys) {
    it(`by ${algorithm} is one that others accept`, async () => {
      const token = await openSigner('crm', { algorithm, key }).sign({ sub: 'me' });
      assert.equal((await jwtVerify(token, check, { algorithms: [algorithm] })).payload.sub, 'me');
    });
  }

  it('by a shared secret takes it as it is written: in hex, in base64, or as the base64 of it', async () => {
    const bytes = Buffer.from(shared);
    for (const [key, keyEncoding, signedBy] of [
      [bytes.toString('hex'), 'hex', bytes],
      [bytes.toString('base64'), 'base64', bytes],
      [shared, 'to-base64', Buffer.from(bytes.toString('base64'))],
    ] as const) {
      const token = await openSigner('crm', { algorithm: 'HS256', key, keyEncoding }).sign({ iss: 'me' });
      assert.equal((await jwtVerify(token, signedBy)).payload.iss, 'me', keyEncoding);
    }
    assert.throws(() => openSigner('crm', { algorithm: 'HS256', key: shared, keyEncoding: 'hex' }), { message: /is not written in hex, as keyEncoding says/ });
  });

  it('by a locked key needs its passphrase', async () => {
    const key = ec.privateKey.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'open sesame' }).toString();
    const token = await openSigner('crm', { algorithm: 'ES256', key, passphrase: 'open sesame' }).sign({ sub: 'me' });
    assert.equal(decodeJwt(token).sub, 'me');
    const refused = await failure(
      'DEFINITION_INVALID',
      Promise.resolve().then(() => openSigner('crm', { algorithm: 'ES256', key, passphrase: 'wrong' })),
    );
    assert.match(refused.message, /^The key of connection crm is no private key: .+ It is locked: is "passphrase" right\?$/);
  });

  it('that cannot be made is told without the key', async () => {
    const broken = pem(rsa.privateKey).replace(/A/g, '!');
    const unreadable = await failure(
      'DEFINITION_INVALID',
      Promise.resolve().then(() => openSigner('crm', { algorithm: 'RS256', key: broken })),
    );
    assert.ok(!JSON.stringify([unreadable.message, unreadable.cause]).includes(broken.split('\n')[1] ?? ''));
    const unfit = await failure('DEFINITION_INVALID', openSigner('crm', { algorithm: 'RS256', key: pem(ec.privateKey) }).sign({}));
    assert.equal(unfit.message, 'The key of connection crm cannot sign with RS256: check that "algorithm" is that of the key.');
  });
});
