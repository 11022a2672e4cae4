import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { describe, it, type TestContext } from 'node:test';
import { decodeJwt } from 'jose';
import { request } from 'undici';
import { parse } from 'yaml';
import { openConnections } from '../../connectors/open-connections.ts';
import { openConnectionLogin } from '../../connectors/open-login.ts';
import { findConnection } from '../../definition/resolve-sync.ts';
import { connectionSchema } from '../../definition/schema/connection.ts';
import { resolveSecrets } from '../../definition/secrets.ts';
import type { Json } from '../../engine/json.ts';
import { signatureAuthenticator } from '../../http/auth/signature.ts';
import { GOOD, linesOf, loadFiles } from '../definition/make-project.ts';
import { memoryTokens } from '../http/token-server.ts';
import { makeAuthority, makeClientCertificate, makeServerCertificate } from '../support/certificates.ts';

const PAGE = readFileSync(new URL('../../docs/connecting.md', import.meta.url), 'utf8');
const OBJECTS = 'objects: { contacts: { list: { get: /contacts, records: $, page: { type: none } } } }\n';
const KEY = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const RSA_KEY = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

/** What proves each connection at its API, and what it asked for that. */
const EXPECTED: Readonly<Record<string, { readonly sent: string | RegExp; readonly grants: readonly string[] }>> = {
  bearer: { sent: 'Bearer the-token', grants: [] },
  'api-key': { sent: 'the-key', grants: [] },
  basic: { sent: `Basic ${Buffer.from('anna:the-password').toString('base64')}`, grants: [] },
  team: { sent: /^Bearer (?:annas|bens)-token$/, grants: [] },
  login: { sent: 'Bearer at-1', grants: ['authorization_code'] },
  refresh: { sent: 'Bearer at-1', grants: ['refresh_token'] },
  'own-ways': { sent: 'at-1', grants: ['refresh_token app-7 crm'] },
  client: { sent: 'Bearer at-1', grants: ['client_credentials'] },
  'client-assertion': { sent: 'Bearer at-1', grants: ['client_credentials'] },
  google: { sent: 'Bearer at-1', grants: ['urn:ietf:params:oauth:grant-type:jwt-bearer'] },
  salesforce: { sent: 'Bearer at-1', grants: ['urn:ietf:params:oauth:grant-type:jwt-bearer'] },
  'app-store': { sent: /^Bearer [\w-]+\.[\w-]+\.[\w-]+$/, grants: [] },
  ghost: { sent: /^Ghost [\w-]+\.[\w-]+\.[\w-]+$/, grants: [] },
  warehouse: { sent: 'SESSION=at-1', grants: ['login'] },
  signed: { sent: /^[A-Za-z0-9+/]{43}=$/, grants: [] },
  aws: {
    sent: /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/\d{8}\/eu-central-1\/execute-api\/aws4_request, SignedHeaders=host;x-amz-date, Signature=[0-9a-f]{64}$/,
    grants: [],
  },
  erp: { sent: 'Bearer at-1', grants: ['client_credentials'] },
};

function secretsFor(url: string): Readonly<Record<string, string>> {
  return {
    CRM_TOKEN: 'a',
    SHOP_TOKEN: 'b',
    ACME_TOKEN: 'the-token',
    ANNAS_TOKEN: 'annas-token',
    BENS_TOKEN: 'bens-token',
    ACME_KEY: 'the-key',
    ACME_PASSWORD: 'the-password',
    ACME_SECRET: 'the-secret',
    ACME_REFRESH: 'the-refresh-token',
    ACME_SIGNING_KEY: KEY,
    GOOGLE_KEY_FILE: JSON.stringify({
      type: 'service_account',
      client_email: 'robot@acme.test',
      private_key: RSA_KEY,
      private_key_id: 'k',
      token_uri: `${url}/token`,
    }),
    SALESFORCE_KEY: RSA_KEY,
    APP_STORE_KEY: KEY,
    GHOST_KEY: 'b1b5b9c1d4e5f6a7b8c9d0e1f2a3b4c5d6e7f8a9b0c1d2e3f4a5b6c7d8e9f0a1',
    WMS_PASSWORD: 'the-password',
    AWS_SECRET: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
  };
}

/** A vendor: it logs people in, gives tokens for whatever grant, and has one contact for who has one. */
class Vendor {
  readonly grants: string[] = [];
  readonly sent: string[] = [];
  readonly assertions: string[] = [];
  url = '';

  readonly answer: RequestListener = async (asked, response) => {
    const body = await textOf(asked);
    const { pathname, searchParams } = new URL(asked.url ?? '', this.url);
    const json = (value: unknown): void => {
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value));
    };
    if (pathname === '/authorize') {
      const location = `${searchParams.get('redirect_uri')}?code=the-code&state=${searchParams.get('state')}`;
      response.writeHead(302, { location }).end();
      return;
    }
    if (pathname.endsWith('/session')) {
      assert.deepEqual(JSON.parse(body), { name: 'anna', password: 'the-password' });
      this.grants.push('login');
      return json({ session: { id: 'at-1', ttl: 600 } });
    }
    if (asked.method === 'POST') {
      const form = new URLSearchParams(body === '' ? searchParams : body);
      const more = ['app_id', 'audience'].flatMap((name) => form.get(name) ?? []);
      this.grants.push([form.get('grant_type'), ...more].join(' '));
      if (more.length > 0) return json({ data: { token: 'at-1', ttl: 600, next: 'rt-2' } });
      this.assertions.push(form.get('assertion') ?? form.get('client_assertion') ?? '');
      return json({ access_token: 'at-1', expires_in: 3_600, refresh_token: 'rt-1', instance_url: this.url });
    }
    this.sent.push(
      String(
        asked.headers['x-api-key'] ?? asked.headers['x-access-token'] ?? asked.headers['x-signature'] ?? asked.headers.cookie ?? asked.headers.authorization,
      ),
    );
    json([{ id: 1 }]);
  };
}

async function textOf(asked: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of asked) pieces.push(Buffer.from(piece));
  return Buffer.concat(pieces).toString();
}

/** @returns files that the connection's page names, and the secrets that go with them */
async function serve(context: TestContext, vendor: Vendor, isMutual: boolean) {
  const authority = isMutual ? await makeAuthority('acme') : undefined;
  const client = authority === undefined ? undefined : await makeClientCertificate(authority);
  const server =
    authority === undefined
      ? createServer(vendor.answer)
      : createTlsServer({ ...(await makeServerCertificate(authority)), ca: authority.cert, requestCert: true, rejectUnauthorized: true }, vendor.answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  context.after(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  vendor.url = isMutual ? `https://localhost:${port}` : `http://127.0.0.1:${port}`;
  const files: Record<string, string> = {};
  if (client !== undefined && authority !== undefined)
    Object.assign(files, { 'certificates/client.pem': client.cert, 'certificates/authority.pem': authority.cert });
  return {
    files,
    secrets: { ...secretsFor(vendor.url), ERP_KEY: client?.key ?? '-' },
  };
}

describe('docs/connecting.md', { concurrency: true }, () => {
  const blocks = [...PAGE.matchAll(/^```yaml\n# connections\/(\S+)\.yaml\n([\s\S]*?)^```$/gm)];

  it('has an example for each way to sign in', () => {
    assert.deepEqual(
      blocks.map(([, name]) => name),
      Object.keys(EXPECTED),
    );
  });

  it('signs as AWS does: its published test suite says with what result', async () => {
    const { auth } = connectionSchema.parse(parse(blocks.find(([, name]) => name === 'aws')?.[2] ?? ''));
    assert.ok(auth?.type === 'signature');
    const credentials = { id: 'AKIDEXAMPLE', secret: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY', region: 'us-east-1', service: 'service' };
    const clock = { now: () => Date.UTC(2015, 7, 30, 12, 36), random: Math.random };
    const { apply } = signatureAuthenticator('aws', { ...auth, credentials }, clock);
    for (const [method, query, signature] of [
      ['GET', '', '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31'],
      ['POST', '', '5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b'],
      ['GET', '?Param2=value2&Param1=value1', 'b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500'],
    ] as const) {
      const headers: Record<string, string> = {};
      await apply({ method, url: new URL(`https://example.amazonaws.com/${query}`), headers, body: null });
      assert.equal(headers['authorization']?.split('Signature=')[1], signature, `${method} ${query}`);
    }
  });

  for (const [, name = '', text = ''] of blocks) {
    it(`connections/${name}.yaml has no mistakes, and reads a page`, async (context) => {
      const vendor = new Vendor();
      const { files, secrets } = await serve(context, vendor, name === 'erp');
      // Every address of the page is this vendor's now; scopes and audiences are none.
      const local = text.replaceAll(/((?:[a-z]+Url: )|answer: instance_url, hosts: )(https:\/\/[a-z0-9.-]+|\["[^"]+"\])/g, (_, key: string, value: string) =>
        value.startsWith('[') ? `${key}["127.0.0.1"]` : `${key}${vendor.url}`,
      );
      const project = loadFiles(context, { ...GOOD, ...files, [`connections/${name}.yaml`]: local + OBJECTS }, { env: secrets });
      assert.deepEqual(linesOf(project), []);
      const connection = findConnection(project, name);
      const options = { resolveSecrets: (value: Json) => resolveSecrets(value, project.environment), directory: project.directory, tokens: memoryTokens() };
      const account = `acme/dev/${name}`;
      if (name === 'login') {
        const begun = openConnectionLogin(account, connection, options).byPerson?.begin('http://127.0.0.1:8976/callback');
        const { headers } = await request(begun?.url ?? '');
        await begun?.finish(new URL(String(headers['location'])));
      }
      const connections = openConnections(options);
      context.after(() => connections.close());
      const page = await connections.open(account, connection).source('contacts').readPage({ window: {}, cursor: undefined });
      assert.deepEqual(
        page.records.map(({ key }) => key),
        ['1'],
      );
      const { sent, grants } = EXPECTED[name] ?? assert.fail(name);
      assert.deepEqual(vendor.grants, grants);
      const [shown = ''] = vendor.sent;
      assert.ok(typeof sent === 'string' ? shown === sent : sent.test(shown), shown);
      if (name === 'google') assert.equal(decodeJwt(vendor.assertions[0] ?? '').aud, `${vendor.url}/token`);
    });
  }
});
