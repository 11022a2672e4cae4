import { assertNever } from '../../engine/assert-never.ts';
import type { HttpClientOptions } from '../http-client.ts';
import { type Authenticator, fixedAuthenticator } from './authenticator.ts';
import { OAuth2Authenticator } from './oauth2.ts';

export function openAuthenticator(options: HttpClientOptions, baseUrl: URL): Authenticator {
  const { auth } = options;
  switch (auth.type) {
    case 'none':
      return fixedAuthenticator(() => undefined);
    case 'bearer':
      return fixedAuthenticator(({ headers }) => {
        headers['authorization'] = `Bearer ${auth.token}`;
      });
    case 'basic': {
      const value = `Basic ${Buffer.from(`${auth.username}:${auth.password}`).toString('base64')}`;
      return fixedAuthenticator(({ headers }) => {
        headers['authorization'] = value;
      });
    }
    case 'api-key':
      return fixedAuthenticator(({ headers, url }) => {
        const value = `${auth.prefix ?? ''}${auth.key}`;
        if (auth.in === 'query') url.searchParams.set(auth.name, value);
        else headers[auth.name.toLowerCase()] = value;
      });
    case 'oauth2-client-credentials':
    case 'oauth2-refresh-token':
      return new OAuth2Authenticator(options, auth, baseUrl);
    default:
      return assertNever(auth);
  }
}
