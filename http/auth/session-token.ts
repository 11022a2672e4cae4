import { SyncError } from '../../engine/errors.ts';
import { messageOf } from '../answer-message.ts';
import type { Clock } from '../clock.ts';
import { hideSecretsIn } from '../hide-secrets.ts';
import type { HttpClientOptions } from '../http-client.ts';
import type { ReadAnswer } from '../read-answer.ts';
import { retryAfterMs } from '../retry-after.ts';
import type { SessionTokenOptions } from './auth-options.ts';
import type { Authenticator } from './authenticator.ts';
import { fingerprint } from './fingerprint.ts';
import { askForSession } from './session-request.ts';
import type { TokenAnswer } from './token-answer.ts';
import { TokenKeeper } from './token-keeper.ts';
import { lifetimeAt, sayingOf, tokenAt } from './token-places.ts';

/** Until it is refused: longer than any program runs. */
const UNTIL_REFUSED_MS = 100 * 365 * 86_400_000;

/** A login request whose answer gives a token, sent with all others; shared with other processes as access tokens are. */
export function sessionTokenAuthenticator(options: HttpClientOptions, auth: SessionTokenOptions, baseUrl: URL, clock: Clock): Authenticator {
  const { credentials, login } = auth;
  const secrets = Object.values(credentials);
  const keeper = new TokenKeeper({
    options,
    clock,
    settings: sessionSettings(auth, baseUrl),
    secrets,
    untoldLifetimeMs: UNTIL_REFUSED_MS,
    place: auth.send,
    request: async (_, known) => {
      const answer = await askForSession(options, { what: 'login', request: login, variables: credentials, baseUrl, secrets: known });
      if (answer.status >= 400) throw refusedLogin(options.name, answer, known, clock.now());
      return readSession(options.name, auth, answer, clock.now());
    },
  });
  return {
    prepare: () => keeper.prepare(),
    apply: (request) => keeper.apply(request),
    onRejected: (request) => keeper.onRejected(request),
    secrets: () => keeper.secrets(),
    renewsOn: auth.renewOn,
  };
}

/** A fingerprint of what a session was begun with. */
export function sessionSettings({ type, credentials, login, token }: SessionTokenOptions, baseUrl: URL): string {
  return fingerprint(JSON.stringify([type, baseUrl.href, credentials, login, token]));
}

async function readSession(name: string, { token }: SessionTokenOptions, answer: ReadAnswer, now: number): Promise<TokenAnswer> {
  const said = sayingOf(answer);
  const accessToken = await tokenAt(token.from, said);
  if (accessToken === undefined) throw broken(name, `holds no token at ${token.from}`);
  const lifetimeMs = await lifetimeAt(token, said, now, (what) => broken(name, what));
  return { accessToken, ...(lifetimeMs === undefined ? {} : { lifetimeMs }) };
}

function refusedLogin(name: string, { status, headers, body }: ReadAnswer, secrets: readonly string[], now: number): SyncError {
  const details = { status, sent: false };
  if (status === 429 || status >= 500 || status === 408) {
    const afterMs = retryAfterMs(headers, now);
    const isWait = status === 429 || afterMs !== undefined;
    return new SyncError({
      code: isWait ? 'RATE_LIMITED' : 'SYSTEM_UNAVAILABLE',
      retry: isWait ? { afterMs: afterMs ?? 1_000 } : 'backoff',
      message: isWait ? `The login of ${name} asked to wait (${status}).` : `The login of ${name} answered ${status}. Syncline tries again.`,
      details,
    });
  }
  const words = messageOf(hideSecretsIn(body, secrets)) ?? `status ${status}`;
  const message = `${name} refused the login (${status}): ${words}. Check "credentials" and "login" of connection ${name}.`;
  return new SyncError({ code: 'CREDENTIALS_REJECTED', retry: 'never', message, details });
}

function broken(name: string, what: string): SyncError {
  return new SyncError({
    code: 'CONTRACT_BROKEN',
    retry: 'never',
    message: `The answer to the login of ${name} ${what}. Check "token" of connection ${name}.`,
  });
}
