import type { AuthOptions, TokenPlace } from './auth-options.ts';
import type { OutgoingRequest } from './authenticator.ts';
import { putInBody } from './put-in-body.ts';

/** Puts a token into a request. @param place absent: a bearer token (RFC 6750 section 2.1) */
export function writeToken(place: TokenPlace | undefined, request: OutgoingRequest, token: string): void {
  const { headers, url } = request;
  const { in: where, name, prefix } = place ?? { in: 'header', name: 'Authorization' };
  const isAuthorization = where === 'header' && name.toLowerCase() === 'authorization';
  const value = `${prefix ?? (isAuthorization ? 'Bearer ' : '')}${token}`;
  switch (where) {
    case 'header':
      headers[name.toLowerCase()] = value;
      return;
    case 'cookie':
      headers['cookie'] = [headers['cookie'], `${name}=${value}`].filter((part) => part !== undefined).join('; ');
      return;
    case 'body':
      putInBody(request, name, value);
      return;
    default:
      url.searchParams.set(name, value);
  }
}

/** Whether the credential stands in the address of each request, which APIs repeat in their links. */
export function isInQuery(auth: AuthOptions): boolean {
  if (auth.type === 'api-key') return auth.in === 'query';
  return 'send' in auth && typeof auth.send === 'object' && auth.send.in === 'query';
}
