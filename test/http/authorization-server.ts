import { once } from 'node:events';
import { createServer } from 'node:http';
import type { TestContext } from 'node:test';
import { createLocalJWKSet, jwtVerify } from 'jose';
import Provider, { type ClientMetadata, type Configuration, errors } from 'oidc-provider';
import { z } from 'zod';

const JWT_GRANT = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
const PROGRAMS = /^\/(token|device\/auth)/;
const formSchema = z.record(z.string(), z.string());
const tokenSchema = z.object({ assertion: z.string() });

/** A program on a person's own machine (RFC 8252): no secret, and whatever port of loopback is free. */
export const NATIVE_CLIENT: ClientMetadata = {
  client_id: 'syncline',
  application_type: 'native',
  token_endpoint_auth_method: 'none',
  redirect_uris: ['http://127.0.0.1/callback'],
  grant_types: ['authorization_code', 'refresh_token', 'urn:ietf:params:oauth:grant-type:device_code'],
  response_types: ['code'],
};

export interface AuthorizationServer {
  readonly url: string;
  readonly provider: Provider;
  /** Path and form of each request to its endpoints for programs. */
  readonly asked: { readonly path: string; readonly form: URLSearchParams }[];
}

export interface AuthorizationServerOptions {
  readonly clients: readonly ClientMetadata[];
  /** Seconds. */
  readonly accessTokenLife?: number;
  /** Public keys by the issuer of an assertion, for the JWT grant. */
  readonly assertionKeys?: Readonly<Record<string, Parameters<typeof createLocalJWKSet>[0]>>;
}

/** A real authorization server (oidc-provider) on loopback, with its own login pages; `/me` is an API that takes its access tokens. */
export async function startAuthorizationServer(context: TestContext, options: AuthorizationServerOptions): Promise<AuthorizationServer> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const url = typeof address === 'object' && address !== null ? `http://127.0.0.1:${address.port}` : '';
  const configuration: Configuration = {
    clients: [...options.clients],
    scopes: ['openid', 'offline_access', 'crm.read'],
    pkce: { required: () => true },
    features: {
      clientCredentials: { enabled: true },
      deviceFlow: { enabled: true },
      introspection: { enabled: true },
      revocation: { enabled: true, allowedPolicy: async () => true },
    },
    ttl: {
      AccessToken: options.accessTokenLife ?? 3_600,
      ClientCredentials: options.accessTokenLife ?? 3_600,
      Interaction: 600,
      Grant: 86_400,
      Session: 86_400,
    },
    clientAuthMethods: ['none', 'client_secret_post', 'client_secret_basic', 'private_key_jwt'],
    rotateRefreshToken: true,
    issueRefreshToken: async (_context, client) => client.grantTypeAllowed('refresh_token'),
    findAccount: async (_context, id) => ({ accountId: id, claims: async () => ({ sub: id }) }),
    cookies: { keys: ['for tests'] },
  };
  const provider = quietly(() => new Provider(url, configuration));
  allowAssertions(provider, options.assertionKeys ?? {});
  const asked: AuthorizationServer['asked'] = [];
  provider.use(async (requested, next) => {
    await next();
    const { oidc, method, path } = requested;
    const form = formSchema.safeParse(oidc?.body).data;
    if (method === 'POST' && form !== undefined && PROGRAMS.test(path)) asked.push({ path, form: new URLSearchParams(form) });
  });
  const handle = provider.callback();
  server.on('request', (request, response) => void handle(request, response));
  context.after(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { url, provider, asked };
}

/** Its development pages and keys are what a test wants; it need not warn of them. */
function quietly<Result>(work: () => Result): Result {
  const { warn, info } = console;
  Object.assign(console, { warn: () => undefined, info: () => undefined });
  try {
    return work();
  } finally {
    Object.assign(console, { warn, info });
  }
}

/** The grant of RFC 7523 section 2.1, as Google and Salesforce have it: whoever signs with a registered key gets a token. */
function allowAssertions(provider: Provider, keys: NonNullable<AuthorizationServerOptions['assertionKeys']>): void {
  const handler: Parameters<Provider['registerGrantType']>[1] = async (context) => {
    const { assertion } = tokenSchema.parse(context.oidc.params);
    for (const [issuer, jwks] of Object.entries(keys)) {
      const verified = await jwtVerify(assertion, createLocalJWKSet(jwks), { issuer, audience: `${provider.issuer}/token` }).catch(() => undefined);
      if (verified === undefined) continue;
      const { client } = context.oidc;
      if (client === undefined) break;
      const token = new provider.ClientCredentials({ client, scope: String(verified.payload['scope'] ?? '') });
      context.body = { access_token: await token.save(), expires_in: token.expiration, token_type: 'Bearer', instance_url: `${provider.issuer}/instance` };
      return;
    }
    throw new errors.InvalidGrant('the assertion is not signed by a known key');
  };
  provider.registerGrantType(JWT_GRANT, handler, ['assertion', 'scope']);
}
