import type { ResolvedConnection } from '../definition/resolved.ts';
import { SyncError } from '../engine/errors.ts';
import type { Login } from '../http/auth/open-login.ts';
import { openLogin } from '../http/auth/open-login.ts';
import { openSessionLogin } from '../http/auth/session-logout.ts';
import type { TokenStore } from '../http/http-client.ts';
import { type ConnectionsOptions, transportOf } from './open-connections.ts';

export type { LoginState } from '../http/auth/open-login.ts';

/** What `syncline login` and `syncline logout` work with. */
export interface ConnectionLogin extends Pick<Login, 'state' | 'logout'> {
  /** Where a person logs in: absent where the connection logs in by itself. */
  readonly byPerson?: Login & { readonly redirectUri: string | undefined; readonly canUseDevice: boolean };
}

/** @throws SyncError DEFINITION_INVALID where nobody logs in to such a connection, SECRET_MISSING */
export function openConnectionLogin(
  account: string,
  connection: ResolvedConnection,
  options: ConnectionsOptions & { readonly tokens: TokenStore },
): ConnectionLogin {
  const { auth, ...transport } = transportOf(connection, options);
  const shared = { ...transport, account, tokens: options.tokens };
  switch (auth.type) {
    case 'oauth2-authorization-code': {
      const login = openLogin({ ...shared, auth });
      return { ...login, byPerson: { ...login, redirectUri: auth.redirectUri, canUseDevice: auth.deviceUrl !== undefined } };
    }
    case 'session-token':
      return openSessionLogin({ ...shared, auth });
    default: {
      const message = `Nobody logs in to ${connection.name}: its auth is ${auth.type}, which needs the secrets of the connection alone.`;
      throw new SyncError({ code: 'DEFINITION_INVALID', retry: 'never', message });
    }
  }
}
