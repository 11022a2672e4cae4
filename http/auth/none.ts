import { type Authenticator, fixedAuthenticator } from './authenticator.ts';

/** For APIs that ask nobody who they are. */
export function noAuthenticator(): Authenticator {
  return fixedAuthenticator([], () => undefined);
}
