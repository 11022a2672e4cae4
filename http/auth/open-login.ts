import { hash, randomBytes, timingSafeEqual } from 'node:crypto';
import { SyncError } from '../../engine/errors.ts';
import { checkBaseUrl } from '../base-url.ts';
import { type Clock, SYSTEM_CLOCK } from '../clock.ts';
import { hideSecrets } from '../hide-secrets.ts';
import type { TokenStore } from '../http-client.ts';
import { type Asker, signInUrl } from './ask-once.ts';
import type { AuthorizationCodeOptions } from './auth-options.ts';
import { beginDeviceLogin, type DeviceLogin } from './device-login.ts';
import { loginMarks, UNTIL_REVOKED_MS } from './oauth2-authorization-code.ts';
import { forgetStoredToken, readStoredToken, renewalTime, type StoredToken, saveStoredToken } from './stored-token.ts';
import type { TokenAnswer } from './token-answer.ts';
import { openTokenEndpoint, scopeParameter } from './token-endpoint.ts';

const LONGEST_WORDS = 300;

export interface LoginOptions extends Asker {
  /** Owner of the tokens: `project/profile/connection`. */
  readonly account: string;
  readonly baseUrl: string;
  readonly auth: AuthorizationCodeOptions;
  readonly tokens: TokenStore;
}

/** What is known of a login. No token. */
export interface LoginState {
  readonly loggedInAt: number | undefined;
  /** As granted, where that was told. */
  readonly scopes: readonly string[] | undefined;
  /** When the present access token is renewed; undefined: it has no known end. */
  readonly renewsAt: number | undefined;
  /** Without it, the login ends with its access token. */
  readonly hasRefreshToken: boolean;
}

/** A login in a browser that has begun. */
export interface BrowserLogin {
  /** To be opened in a browser. */
  readonly url: string;
  /** Whether an address that the browser came back to belongs to this login: it has its state. */
  isAnswer(callback: URL): boolean;
  /** Exchanges the code of that address, once, and keeps the tokens. @throws SyncError CREDENTIALS_REJECTED where the person or the server refused; as a token endpoint */
  finish(callback: URL): Promise<LoginState>;
}

/** Logs a person in to one account, and out. */
export interface Login {
  begin(redirectUri: string): BrowserLogin;
  /** RFC 8628. @throws SyncError DEFINITION_INVALID without deviceUrl; as a token endpoint */
  beginOnDevice(): Promise<DeviceLogin<LoginState>>;
  /** Undefined where nobody is logged in with the present client. */
  state(): Promise<LoginState | undefined>;
  /** Forgets the tokens; has them revoked first, where the connection says where (RFC 7009). @returns undefined where nobody was logged in */
  logout(): Promise<{ readonly isRevoked: boolean } | undefined>;
}

/** @throws SyncError DEFINITION_INVALID where an address is none, or not encrypted */
export function openLogin(options: LoginOptions, clock: Clock = SYSTEM_CLOCK): Login {
  const { name, account, auth, tokens } = options;
  const baseUrl = checkBaseUrl(options);
  const endpoint = openTokenEndpoint(options, auth, baseUrl, clock);
  const { origin, settings } = loginMarks(auth, endpoint);

  const keep = async (answer: TokenAnswer): Promise<LoginState> => {
    const now = clock.now();
    const untoldMs = answer.refreshToken === undefined ? UNTIL_REVOKED_MS : undefined;
    const token: StoredToken = {
      accessToken: answer.accessToken,
      renewAt: renewalTime(answer, now, untoldMs),
      ...(answer.refreshLifetimeMs === undefined ? {} : { refreshExpiresAt: now + answer.refreshLifetimeMs }),
      refreshToken: answer.refreshToken,
      origin,
      settings,
      baseUrl: answer.baseUrl,
      loggedInAt: now,
      scope: answer.scope ?? auth.scopes?.join(' '),
    };
    await tokens.withCredentialLock(account, () => saveStoredToken(tokens, account, token, now));
    return stateOf(token, now);
  };
  const own = async (): Promise<StoredToken | undefined> => {
    const stored = await readStoredToken(options);
    return stored?.origin === origin ? stored : undefined;
  };

  return {
    begin: (redirectUri) => {
      const [verifier, state] = [randomText(), randomText()];
      const url = signInUrl(options, 'authorizeUrl', auth.authorizeUrl, baseUrl);
      const challenge = hash('sha256', verifier, 'base64url');
      const parameters = { response_type: 'code', client_id: auth.clientId, redirect_uri: redirectUri, ...scopeParameter(auth.scopes) };
      const all = { ...auth.authorizeParameters, ...parameters, state, code_challenge: challenge, code_challenge_method: 'S256' };
      for (const [parameter, value] of Object.entries(all)) url.searchParams.set(parameter, value);
      let isUsed = false;
      return {
        url: url.href,
        isAnswer: ({ searchParams }) => !isUsed && isSame(searchParams.get('state') ?? '', state),
        finish: async ({ searchParams }) => {
          isUsed = true;
          const code = codeOf(name, searchParams, [state, verifier]);
          return keep(await endpoint.ask({ grant_type: 'authorization_code', code, redirect_uri: redirectUri, code_verifier: verifier }, []));
        },
      };
    },
    beginOnDevice: () => beginDeviceLogin(options, endpoint, baseUrl, clock, keep),
    state: async () => {
      const token = await own();
      return token === undefined ? undefined : stateOf(token, clock.now());
    },
    logout: () =>
      tokens.withCredentialLock(account, async () => {
        const token = await own();
        if (token === undefined) return undefined;
        // Forgotten also where the server cannot be asked: the person wanted that most.
        await forgetStoredToken(tokens, account, clock.now());
        if (auth.revokeUrl === undefined) return { isRevoked: false };
        const url = signInUrl(options, 'revokeUrl', auth.revokeUrl, baseUrl);
        await endpoint.post(url, { token: token.refreshToken ?? token.accessToken }, [token.accessToken]);
        return { isRevoked: true };
      }),
  };
}

/** 256 random bits: of a code verifier (RFC 7636 section 4.1), and of a state that nobody guesses. */
function randomText(): string {
  return randomBytes(32).toString('base64url');
}

/** In constant time. */
function isSame(one: string, other: string): boolean {
  return timingSafeEqual(hash('sha256', one, 'buffer'), hash('sha256', other, 'buffer'));
}

/** RFC 6749 section 4.1.2. */
function codeOf(name: string, answer: URLSearchParams, secrets: readonly string[]): string {
  const error = answer.get('error');
  if (error !== null) {
    const words = hideSecrets((answer.get('error_description') ?? error).slice(0, LONGEST_WORDS), secrets);
    throw rejected(
      error === 'access_denied'
        ? `The login to ${name} was refused there: ${words}.`
        : `${name} did not let the login pass (${hideSecrets(error.slice(0, 60), secrets)}): ${words}.`,
    );
  }
  const [code, ...more] = answer.getAll('code');
  if (code === undefined || code === '' || more.length > 0) throw rejected(`${name} sent the browser back without a code: run "syncline login ${name}" again.`);
  return code;
}

function stateOf({ loggedInAt, scope, renewAt, refreshToken }: StoredToken, now: number): LoginState {
  const hasEnd = renewAt < now + UNTIL_REVOKED_MS / 2;
  return {
    loggedInAt,
    scopes: scope === undefined ? undefined : scope.split(' ').filter((one) => one !== ''),
    renewsAt: hasEnd ? renewAt : undefined,
    hasRefreshToken: refreshToken !== undefined,
  };
}

function rejected(message: string): SyncError {
  return new SyncError({ code: 'CREDENTIALS_REJECTED', retry: 'never', message });
}
