import type { Clock } from '../clock.ts';
import type { AuthOptions, HttpClientOptions } from '../http-client.ts';
import type { Authenticator } from './authenticator.ts';
import { fingerprint } from './fingerprint.ts';
import { openTokenEndpoint } from './token-endpoint.ts';
import { TokenKeeper } from './token-keeper.ts';

/** OAuth 2.0 client credentials (RFC 6749 section 4.4): the client itself is who asks. */
export function clientCredentialsAuthenticator(
  options: HttpClientOptions,
  auth: Extract<AuthOptions, { readonly type: 'oauth2-client-credentials' }>,
  baseUrl: URL,
  clock: Clock,
): Authenticator {
  const endpoint = openTokenEndpoint(options, auth, baseUrl, clock);
  const settings = fingerprint(auth.type, endpoint.url, auth.clientId, auth.clientSecret, ...(auth.scopes ?? []));
  return new TokenKeeper({
    options,
    clock,
    settings,
    secrets: [auth.clientSecret],
    request: (_, known) => endpoint.ask({ grant_type: 'client_credentials' }, known),
  });
}
