import type { AuthOptions } from '../http-client.ts';
import { type Authenticator, fixedAuthenticator } from './authenticator.ts';

/** The value of an `Authorization` header with user name and password (RFC 7617), in UTF-8. */
export function basicCredentials(username: string, password: string): string {
  return `Basic ${Buffer.from(`${username}:${password}`, 'utf8').toString('base64')}`;
}

/** User name and password with every request. */
export function basicAuthenticator(auth: Extract<AuthOptions, { readonly type: 'basic' }>): Authenticator {
  const password = auth.password.trim();
  const credentials = basicCredentials(auth.username.trim(), password);
  return fixedAuthenticator([password, credentials.replace('Basic ', '')], ({ headers }) => {
    headers['authorization'] = credentials;
  });
}
