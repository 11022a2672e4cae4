import { checkBaseUrl } from '../base-url.ts';
import { type Clock, SYSTEM_CLOCK } from '../clock.ts';
import type { SessionTokenOptions } from './auth-options.ts';
import type { OutgoingRequest } from './authenticator.ts';
import type { Login, LoginOptions } from './open-login.ts';
import { askForSession } from './session-request.ts';
import { sessionSettings } from './session-token.ts';
import { forgetStoredToken, readStoredToken } from './stored-token.ts';
import { writeToken } from './token-place.ts';

/** The session that programs share: it begins by itself, and is ended by hand. */
export function openSessionLogin(
  options: Omit<LoginOptions, 'auth'> & { readonly auth: SessionTokenOptions },
  clock: Clock = SYSTEM_CLOCK,
): Pick<Login, 'state' | 'logout'> {
  const { account, auth, tokens } = options;
  const baseUrl = checkBaseUrl(options);
  const own = async () => {
    const stored = await readStoredToken(options);
    return stored?.settings === sessionSettings(auth, baseUrl) ? stored : undefined;
  };
  return {
    state: async () => {
      const session = await own();
      if (session === undefined || session.renewAt < clock.now()) return undefined;
      return { loggedInAt: undefined, scopes: undefined, renewsAt: undefined, hasRefreshToken: true };
    },
    logout: () =>
      tokens.withCredentialLock(account, async () => {
        const session = await own();
        if (session === undefined) return undefined;
        await forgetStoredToken(tokens, account, clock.now());
        const { accessToken: token } = session;
        const secrets = [token, ...Object.values(auth.credentials)];
        if (auth.logout === undefined) return { isRevoked: false };
        const sign = (outgoing: OutgoingRequest) => writeToken(auth.send, outgoing, token);
        // Into a body it is put by the template of that: {token}.
        const signed = auth.send.in === 'body' ? {} : { sign };
        const question = { what: 'logout', request: auth.logout, variables: { ...auth.credentials, token }, baseUrl, secrets, ...signed };
        const { status } = await askForSession(options, question);
        // 401: it had ended by itself.
        return { isRevoked: status < 400 || status === 401 };
      }),
  };
}
