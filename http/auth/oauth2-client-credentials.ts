import type { Clock } from '../clock.ts';
import type { AuthOptions, HttpClientOptions } from '../http-client.ts';
import type { Authenticator } from './authenticator.ts';
import { fingerprint, settingsOf } from './fingerprint.ts';
import { openTokenEndpoint, scopeParameter } from './token-endpoint.ts';
import { TokenKeeper } from './token-keeper.ts';

/** OAuth 2.0 client credentials (RFC 6749 section 4.4): the client itself is who asks. */
export function clientCredentialsAuthenticator(
  options: HttpClientOptions,
  auth: Extract<AuthOptions, { readonly type: 'oauth2-client-credentials' }>,
  baseUrl: URL,
  clock: Clock,
): Authenticator {
  const endpoint = openTokenEndpoint(options, auth, baseUrl, clock);
  const { clientSecret = '', clientAssertion, baseUrlFrom, tokenRequest, token } = auth;
  const settings = fingerprint(
    auth.type,
    endpoint.url,
    auth.clientId,
    clientSecret,
    ...(auth.scopes ?? []),
    ...settingsOf({ clientAssertion, baseUrlFrom, tokenRequest, token }),
  );
  return new TokenKeeper({
    options,
    clock,
    place: auth.send,
    settings,
    secrets: endpoint.secrets,
    request: (_, known) => endpoint.ask({ grant_type: 'client_credentials', ...scopeParameter(auth.scopes) }, known),
  });
}
