import { SyncError } from '../../engine/errors.ts';
import type { Clock } from '../clock.ts';
import type { HttpClientOptions } from '../http-client.ts';
import type { AuthorizationCodeOptions } from './auth-options.ts';
import type { Authenticator } from './authenticator.ts';
import { fingerprint, settingsOf } from './fingerprint.ts';
import { openTokenEndpoint, type TokenEndpoint } from './token-endpoint.ts';
import { TokenKeeper } from './token-keeper.ts';

/** Somebody may log in anew, or out, while programs use the account. */
const WATCH_MS = 30_000;
/** Where neither life nor refresh token is told, the token is good until it is revoked. */
export const UNTIL_REVOKED_MS = 100 * 365 * 86_400_000;

/** OAuth 2.0 authorization code (RFC 6749 section 4.1): tokens of a person who logged in by "syncline login", renewed by the refresh token of that login. */
export function authorizationCodeAuthenticator(options: HttpClientOptions, auth: AuthorizationCodeOptions, baseUrl: URL, clock: Clock): Authenticator {
  const endpoint = openTokenEndpoint(options, auth, baseUrl, clock);
  return new TokenKeeper({
    options,
    clock,
    place: auth.send,
    ...loginMarks(auth, endpoint),
    secrets: endpoint.secrets,
    watchMs: WATCH_MS,
    request: async (refreshToken, known, onRefreshToken) => {
      if (refreshToken === undefined) throw notLoggedIn(options.name);
      // Without scopes: what was granted at the login (RFC 6749 section 6).
      return endpoint.ask({ grant_type: 'refresh_token', refresh_token: refreshToken }, known, onRefreshToken);
    },
  });
}

/** By which a stored token is known to be of a login with the present settings. */
export function loginMarks(auth: AuthorizationCodeOptions, endpoint: Pick<TokenEndpoint, 'url'>): { readonly origin: string; readonly settings: string } {
  const { type, clientId, baseUrlFrom, tokenRequest, token } = auth;
  return {
    origin: fingerprint('login', endpoint.url, clientId),
    settings: fingerprint(type, endpoint.url, clientId, ...settingsOf({ baseUrlFrom, tokenRequest, token })),
  };
}

function notLoggedIn(name: string): SyncError {
  const message = `Nobody is logged in to ${name}, or the login has ended: run "syncline login ${name}".`;
  return new SyncError({ code: 'CREDENTIALS_REJECTED', retry: 'never', message, details: { sent: false, isLoginMissing: true } });
}
