import { parseDuration } from '../../engine/duration.ts';
import { SyncError } from '../../engine/errors.ts';
import { compileExpression } from '../../engine/expression.ts';
import type { JsonObject } from '../../engine/json.ts';
import { messageOf } from '../answer-message.ts';
import type { Clock } from '../clock.ts';
import { hideSecretsIn } from '../hide-secrets.ts';
import type { HttpClientOptions } from '../http-client.ts';
import type { ReadAnswer } from '../read-answer.ts';
import { retryAfterMs } from '../retry-after.ts';
import { readCookies } from './answer-cookies.ts';
import type { SessionTokenOptions } from './auth-options.ts';
import type { Authenticator, OutgoingRequest } from './authenticator.ts';
import { fingerprint } from './fingerprint.ts';
import { askForSession } from './session-request.ts';
import type { TokenAnswer } from './token-endpoint.ts';
import { TokenKeeper } from './token-keeper.ts';

/** Until it is refused: longer than any program runs. */
const UNTIL_REFUSED_MS = 100 * 365 * 86_400_000;
/** Times below are seconds since 1970, not milliseconds: it is the year 5138 otherwise. */
const MOST_SECONDS = 1e11;

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
    write: (request, accessToken) => writeSession(auth, request, accessToken),
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

/** Puts the token of a session into a request. */
export function writeSession({ send }: SessionTokenOptions, { headers, url }: OutgoingRequest, token: string): void {
  const isAuthorization = send.in === 'header' && send.name.toLowerCase() === 'authorization';
  const value = `${send.prefix ?? (isAuthorization ? 'Bearer ' : '')}${token}`;
  switch (send.in) {
    case 'header':
      headers[send.name.toLowerCase()] = value;
      return;
    case 'cookie':
      headers['cookie'] = [headers['cookie'], `${send.name}=${value}`].filter((part) => part !== undefined).join('; ');
      return;
    default:
      url.searchParams.set(send.name, value);
  }
}

async function readSession(name: string, { token }: SessionTokenOptions, answer: ReadAnswer, now: number): Promise<TokenAnswer> {
  const { status, headers, body } = answer;
  const said: JsonObject = { status, headers: { ...headers }, cookies: readCookies(headers['set-cookie']), body };
  const found = await compileExpression(token.from).evaluate(said);
  const accessToken = typeof found === 'number' ? String(found) : found;
  // What a header may hold: the token goes into one.
  if (typeof accessToken !== 'string' || !/^[\x21-\x7e]+$/.test(accessToken)) throw broken(name, `holds no token at ${token.from}`);
  const lifetimeMs = await readLifetime(name, token, said, now);
  return { accessToken, ...(lifetimeMs === undefined ? {} : { lifetimeMs }) };
}

async function readLifetime(name: string, token: SessionTokenOptions['token'], said: JsonObject, now: number): Promise<number | undefined> {
  if (token.expiresIn !== undefined) {
    const seconds = Number(await compileExpression(token.expiresIn).evaluate(said));
    if (Number.isFinite(seconds) && seconds >= 0) return seconds * 1_000;
    throw broken(name, `holds no number of seconds at ${token.expiresIn}`);
  }
  if (token.expiresAt !== undefined) {
    const at = timeOf(await compileExpression(token.expiresAt).evaluate(said));
    if (at !== undefined) return Math.max(0, at - now);
    throw broken(name, `holds no time at ${token.expiresAt}`);
  }
  return token.lifetime === undefined ? undefined : parseDuration(token.lifetime);
}

function timeOf(value: unknown): number | undefined {
  const number = typeof value === 'number' ? value : typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : undefined;
  const at = number === undefined ? Date.parse(String(value)) : number < MOST_SECONDS ? number * 1_000 : number;
  return Number.isFinite(at) ? at : undefined;
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
