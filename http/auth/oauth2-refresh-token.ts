import type { Clock } from '../clock.ts';
import type { AuthOptions, HttpClientOptions } from '../http-client.ts';
import type { Authenticator } from './authenticator.ts';
import { fingerprint } from './fingerprint.ts';
import { openTokenEndpoint } from './token-endpoint.ts';
import { TokenKeeper } from './token-keeper.ts';

/** OAuth 2.0 refresh token (RFC 6749 section 6): a person gave leave once; each renewal may replace the refresh token. */
export function refreshTokenAuthenticator(
  options: HttpClientOptions,
  auth: Extract<AuthOptions, { readonly type: 'oauth2-refresh-token' }>,
  baseUrl: URL,
  clock: Clock,
): Authenticator {
  const endpoint = openTokenEndpoint(options, auth, baseUrl, clock);
  const configured = auth.refreshToken.trim();
  const settings = fingerprint(auth.type, endpoint.url, auth.clientId, ...(auth.scopes ?? []));
  return new TokenKeeper({
    options,
    clock,
    settings,
    secrets: [configured, ...(auth.clientSecret === undefined ? [] : [auth.clientSecret])],
    refreshToken: configured,
    request: (refreshToken, known) => endpoint.ask({ grant_type: 'refresh_token', refresh_token: refreshToken ?? configured }, known),
  });
}
