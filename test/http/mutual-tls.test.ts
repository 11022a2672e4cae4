import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:https';
import { describe, it, type TestContext } from 'node:test';
import type { TLSSocket } from 'node:tls';
import type { AuthOptions, TlsOptions } from '../../http/http-client.ts';
import { type Certificate, makeAuthority, makeClientCertificate, makeServerCertificate } from '../support/certificates.ts';
import { failure } from './expect-error.ts';
import { open } from './local-server.ts';

const read = { method: 'GET', path: '/contacts', repeat: 'once' } as const;

interface Secured {
  readonly url: string;
  readonly authority: Certificate;
  readonly client: Certificate;
  /** Path, credential and name on the certificate of each request. */
  readonly received: string[];
}

/** An API with a token endpoint, both behind mutual TLS. */
async function serveSecured(context: TestContext): Promise<Secured> {
  const authority = await makeAuthority('acme');
  const [certificate, client] = [await makeServerCertificate(authority), await makeClientCertificate(authority)];
  const received: string[] = [];
  const server = createServer({ ...certificate, ca: authority.cert, requestCert: true, rejectUnauthorized: true }, (request, response) => {
    // eslint-disable-next-line @typescript-eslint/consistent-type-assertions -- a TLS server has no other kind of socket
    const { subject } = (request.socket as TLSSocket).getPeerCertificate();
    received.push(`${request.url} ${request.headers.authorization ?? '-'} ${String(subject.CN)}`);
    request.resume();
    response.writeHead(200, { 'content-type': 'application/json' }).end(request.url === '/token' ? '{"access_token":"a-1","expires_in":3600}' : '{}');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  context.after(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const address = server.address();
  return { url: typeof address === 'object' && address !== null ? `https://localhost:${address.port}` : '', authority, client, received };
}

describe('mutual TLS', () => {
  it('shows a client certificate and trusts an authority of its own, with any kind of auth, at the token endpoint too', async (context) => {
    const { url, authority, client, received } = await serveSecured(context);
    const tls: TlsOptions = { certificate: client.cert, key: client.key, authority: authority.cert };
    const auths: readonly AuthOptions[] = [
      { type: 'none' },
      { type: 'basic', username: 'me', password: 'geheim' },
      { type: 'oauth2-client-credentials', tokenUrl: '/token', clientId: 'me', clientIn: 'body' },
    ];
    for (const auth of auths) await open(context, url, { auth, tls }).send(read);
    assert.deepEqual(received, [
      '/contacts - syncline',
      `/contacts Basic ${Buffer.from('me:geheim').toString('base64')} syncline`,
      '/token - syncline',
      '/contacts Bearer a-1 syncline',
    ]);
  });

  it('that is not accepted by either side is told in a sentence, and nothing was sent', async (context) => {
    const { url, authority, received } = await serveSecured(context);
    const stranger = await makeClientCertificate(await makeAuthority('stranger'));
    const cases: readonly (readonly [TlsOptions, RegExp])[] = [
      [{}, /^crm is unreachable at https:\/\/localhost:\d+: no secure connection, its certificate is not accepted \(\w+\)\./],
      [{ authority: authority.cert }, /^crm .+: the connection (broke|reset)\./],
      [
        { authority: authority.cert, certificate: stranger.cert, key: stranger.key },
        /^crm .+: .*(it may not accept the certificate in "tls"|does not accept our certificate)/,
      ],
    ];
    for (const [tls, message] of cases) {
      const refused = await open(context, url, { tls })
        .send(read)
        .then(
          () => undefined,
          (error: unknown) => error,
        );
      assert.ok(refused instanceof Error);
      assert.match(refused.message, message);
    }
    assert.deepEqual(received, []);
  });

  it('with a key that does not fit, or is none, is a mistake in the definition', async (context) => {
    const { url, client, authority } = await serveSecured(context);
    const sentences = await Promise.all(
      [
        { certificate: client.cert, key: authority.key },
        { certificate: 'no PEM', key: client.key },
        { certificate: client.cert, key: client.key, authority: '-----BEGIN CERTIFICATE-----\nno\n-----END CERTIFICATE-----' },
      ].map(
        async (tls) =>
          (
            await failure(
              'DEFINITION_INVALID',
              Promise.resolve().then(() => open(context, url, { tls })),
            )
          ).message,
      ),
    );
    assert.equal(sentences[0], 'tls of connection crm cannot be used: the key is not that of the certificate.');
    for (const sentence of sentences.slice(1)) assert.match(sentence, /^tls of connection crm cannot be used: certificate, key or authority is no PEM/);
  });
});
