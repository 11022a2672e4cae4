import { checkExpression, checkTemplate, type Page } from './check-expression.ts';
import { checkUrl } from './check-url.ts';
import type { Mistake } from './mistake.ts';
import type { Connection } from './schema/connection.ts';
import { SIGNED } from './schema/signature.ts';
import type { Path } from './yaml-file.ts';

type Auth = NonNullable<Connection['auth']>;
type SessionToken = Extract<Auth, { type: 'session-token' }>;
type Signature = Extract<Auth, { type: 'signature' }>;

const ADDRESSES = ['tokenUrl', 'authorizeUrl', 'deviceUrl', 'revokeUrl'];
const TOKEN_PLACES = ['from', 'refreshToken', 'expiresIn', 'expiresAt', 'refused'];
/** What an answer with a token is made of. */
const ANSWER = ['status', 'headers', 'cookies', 'body'];

/** Where somebody signs in, and how that is written. @param path of the auth @param hasCertificate whether the connection shows one, by which the client may be known */
export function checkSignIn(
  page: Page,
  path: Path,
  auth: Auth | undefined,
  { allowsPlainHttp, hasCertificate }: { readonly allowsPlainHttp: boolean; readonly hasCertificate: boolean },
): Mistake[] {
  const addresses = [...ADDRESSES.flatMap((key) => checkUrl(page, [...path, key], allowsPlainHttp, true)), ...checkExchange(page, path, auth)];
  switch (auth?.type) {
    case 'oauth2-client-credentials': {
      const isProven = auth.clientSecret !== undefined || auth.clientAssertion !== undefined || hasCertificate;
      const how = 'is required: or a clientAssertion, or a certificate in tls, by which the client is known';
      return isProven ? addresses : [...addresses, page.file.mistake([...path, 'clientSecret'], how)];
    }
    case 'session-token':
      return [...addresses, ...checkSession(page, path, auth)];
    case 'signature':
      return checkSignature(page, path, auth);
    default:
      return addresses;
  }
}

/** What an answer with a token is asked for. */
function checkExchange(page: Page, path: Path, auth: Auth | undefined): Mistake[] {
  if (auth === undefined || !('token' in auth) || auth.type === 'bearer' || auth.token === undefined) return [];
  const places: Readonly<Record<string, string | undefined>> = auth.token;
  return TOKEN_PLACES.flatMap((part) => checkExpression(page, [...path, 'token', part], places[part], ANSWER));
}

function checkSession(page: Page, path: Path, { credentials, login, logout }: SessionToken): Mistake[] {
  const names = Object.keys(credentials);
  const request = (key: string, written: SessionToken['login'], known: readonly string[]) =>
    (['get', 'post', 'put', 'delete', 'query', 'headers', 'body'] as const).flatMap((part) => checkTemplate(page, [...path, key, part], written[part], known));
  return [...request('login', login, names), ...(logout === undefined ? [] : request('logout', logout, [...names, 'token']))];
}

function checkSignature(page: Page, path: Path, { credentials, headers, query }: Signature): Mistake[] {
  const names = Object.keys(credentials);
  const taken = SIGNED.filter((name) => names.includes(name));
  return [
    ...taken.map((name) => page.file.mistake([...path, 'credentials', name], `is what the request has under this name: call it otherwise`, { at: 'key' })),
    ...checkTemplate(page, [...path, 'headers'], headers, [...names, ...SIGNED]),
    ...checkTemplate(page, [...path, 'query'], query, [...names, ...SIGNED]),
  ];
}
