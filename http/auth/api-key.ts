import type { AuthOptions } from '../http-client.ts';
import { type Authenticator, fixedAuthenticator } from './authenticator.ts';
import { putInBody } from './put-in-body.ts';

/** A key in a header (with a prefix, if the API wants one), in the query or in the body. */
export function apiKeyAuthenticator(auth: Extract<AuthOptions, { readonly type: 'api-key' }>): Authenticator {
  const key = auth.key.trim();
  const value = `${auth.prefix ?? ''}${key}`;
  return fixedAuthenticator([key], (request) => {
    switch (auth.in) {
      case 'query':
        request.url.searchParams.set(auth.name, value);
        return;
      case 'body':
        putInBody(request, auth.name, value);
        return;
      default:
        request.headers[auth.name.toLowerCase()] = value;
    }
  });
}
