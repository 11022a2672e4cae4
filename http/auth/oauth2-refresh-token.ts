import type { Clock } from '../clock.ts';
import type { AuthOptions, HttpClientOptions } from '../http-client.ts';
import type { Authenticator } from './authenticator.ts';
import { fingerprint, settingsOf } from './fingerprint.ts';
import { openTokenEndpoint, scopeParameter } from './token-endpoint.ts';
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
  const { clientId, scopes = [], baseUrlFrom, tokenRequest, token } = auth;
  const settings = fingerprint(auth.type, endpoint.url, clientId, ...scopes, ...settingsOf({ baseUrlFrom, tokenRequest, token }));
  return new TokenKeeper({
    options,
    clock,
    place: auth.send,
    settings,
    secrets: [configured, ...endpoint.secrets],
    refreshToken: configured,
    request: (refreshToken, known, onRefreshToken) =>
      endpoint.ask({ grant_type: 'refresh_token', refresh_token: refreshToken ?? configured, ...scopeParameter(auth.scopes) }, known, onRefreshToken),
  });
}
