import type { AuthOptions } from '../http-client.ts';
import { type Authenticator, fixedAuthenticator } from './authenticator.ts';

/** A key in a header (with a prefix, if the API wants one) or in the query. */
export function apiKeyAuthenticator(auth: Extract<AuthOptions, { readonly type: 'api-key' }>): Authenticator {
  const key = auth.key.trim();
  const value = `${auth.prefix ?? ''}${key}`;
  return fixedAuthenticator([key], ({ headers, url }) => {
    if (auth.in === 'query') url.searchParams.set(auth.name, value);
    else headers[auth.name.toLowerCase()] = value;
  });
}
