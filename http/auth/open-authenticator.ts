import { assertNever } from '../../engine/assert-never.ts';
import type { Clock } from '../clock.ts';
import type { HttpClientOptions } from '../http-client.ts';
import { apiKeyAuthenticator } from './api-key.ts';
import type { Authenticator } from './authenticator.ts';
import { basicAuthenticator } from './basic.ts';
import { bearerAuthenticator } from './bearer.ts';
import { jwtAuthenticator } from './jwt.ts';
import { noAuthenticator } from './none.ts';
import { authorizationCodeAuthenticator } from './oauth2-authorization-code.ts';
import { clientCredentialsAuthenticator } from './oauth2-client-credentials.ts';
import { refreshTokenAuthenticator } from './oauth2-refresh-token.ts';
import { sessionTokenAuthenticator } from './session-token.ts';
import { signatureAuthenticator } from './signature.ts';

/** @throws SyncError DEFINITION_INVALID where a token would be asked for without encryption */
export function openAuthenticator(options: HttpClientOptions, baseUrl: URL, clock: Clock): Authenticator {
  const { auth } = options;
  switch (auth.type) {
    case 'none':
      return noAuthenticator();
    case 'bearer':
      return bearerAuthenticator(auth);
    case 'api-key':
      return apiKeyAuthenticator(auth);
    case 'basic':
      return basicAuthenticator(auth);
    case 'oauth2-client-credentials':
      return clientCredentialsAuthenticator(options, auth, baseUrl, clock);
    case 'oauth2-refresh-token':
      return refreshTokenAuthenticator(options, auth, baseUrl, clock);
    case 'oauth2-authorization-code':
      return authorizationCodeAuthenticator(options, auth, baseUrl, clock);
    case 'jwt':
      return jwtAuthenticator(options, auth, baseUrl, clock);
    case 'session-token':
      return sessionTokenAuthenticator(options, auth, baseUrl, clock);
    case 'signature':
      return signatureAuthenticator(options.name, auth, clock);
    case 'in-turn':
      throw new TypeError('each of several credentials has a client of its own');
    default:
      return assertNever(auth);
  }
}
