import { checkExpression, checkTemplate, type Page } from './check-expression.ts';
import { checkUrl } from './check-url.ts';
import type { Mistake } from './mistake.ts';
import type { Connection } from './schema/connection.ts';
import type { Path } from './yaml-file.ts';

type Auth = NonNullable<Connection['auth']>;
type SessionToken = Extract<Auth, { type: 'session-token' }>;

const ADDRESSES = ['tokenUrl', 'authorizeUrl', 'deviceUrl', 'revokeUrl'];
/** What an answer to a login is made of. */
const ANSWER = ['status', 'headers', 'cookies', 'body'];

/** Where somebody signs in, and how that is written. @param path of the auth @param hasCertificate whether the connection shows one, by which the client may be known */
export function checkSignIn(
  page: Page,
  path: Path,
  auth: Auth | undefined,
  { allowsPlainHttp, hasCertificate }: { readonly allowsPlainHttp: boolean; readonly hasCertificate: boolean },
): Mistake[] {
  const addresses = ADDRESSES.flatMap((key) => checkUrl(page, [...path, key], allowsPlainHttp, true));
  switch (auth?.type) {
    case 'oauth2-client-credentials': {
      const isProven = auth.clientSecret !== undefined || auth.clientAssertion !== undefined || hasCertificate;
      const how = 'is required: or a clientAssertion, or a certificate in tls, by which the client is known';
      return isProven ? addresses : [...addresses, page.file.mistake([...path, 'clientSecret'], how)];
    }
    case 'session-token':
      return [...addresses, ...checkSession(page, path, auth)];
    default:
      return addresses;
  }
}

function checkSession(page: Page, path: Path, { credentials, login, token, logout }: SessionToken): Mistake[] {
  const names = Object.keys(credentials);
  const request = (key: string, written: SessionToken['login'], known: readonly string[]) =>
    (['get', 'post', 'put', 'delete', 'query', 'headers', 'body'] as const).flatMap((part) => checkTemplate(page, [...path, key, part], written[part], known));
  return [
    ...request('login', login, names),
    ...(logout === undefined ? [] : request('logout', logout, [...names, 'token'])),
    ...(['from', 'expiresIn', 'expiresAt'] as const).flatMap((part) => checkExpression(page, [...path, 'token', part], token[part], ANSWER)),
  ];
}
