import type { AuthOptions } from '../http-client.ts';
import { type Authenticator, fixedAuthenticator } from './authenticator.ts';

/** A token in the `Authorization` header (RFC 6750 section 2.1). */
export function bearerAuthenticator(auth: Extract<AuthOptions, { readonly type: 'bearer' }>): Authenticator {
  // Files of secrets often end with a line break, which no header may hold.
  const token = auth.token.trim();
  return fixedAuthenticator([token], ({ headers }) => {
    headers['authorization'] = `Bearer ${token}`;
  });
}
