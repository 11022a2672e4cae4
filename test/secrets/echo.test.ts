import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { describe, it, type TestContext } from 'node:test';
import type { RequestObserver, Source } from '../../connectors/ports.ts';
import type { AuthorizationCodeOptions } from '../../http/auth/auth-options.ts';
import { openLogin } from '../../http/auth/open-login.ts';
import type { AuthOptions, TokenStore } from '../../http/http-client.ts';
import { connect, outgoing, resolved, send } from '../connectors/connect.ts';
import { type ReceivedRequest, serve } from '../http/local-server.ts';
import { memoryTokens } from '../http/token-server.ts';
import { PATIENT_TIMEOUTS } from '../support/until.ts';
import { formsOf } from './forms-of.ts';

const SECRET = 'zq+7/K=&"u%\\secret-5e1f';
const REFRESH = 'rf+7/K=&"u%\\refresh-0a2b';
const tokenNamed = (number: number) => `at+7/K=token-${number}-9c3d`;
const refreshNamed = (number: number) => `rf+7/K=rotated-${number}-4e6f`;

const OAUTH = { tokenUrl: '/oauth/token', clientId: 'me', clientSecret: SECRET };
const KEY = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const [, PART_OF_KEY = ''] = KEY.split('\n');
const SIGNED = { algorithm: 'ES256', key: KEY };
const JWT = { type: 'jwt', ...SIGNED, tokenUrl: '/oauth/token', scopesIn: 'claim', lifetime: '3m', issuer: 'me' } as const;
const SESSION = {
  type: 'session-token',
  credentials: { password: SECRET },
  login: { post: '/oauth/token', body: { password: '{password}' }, format: 'json' },
  token: { from: 'body.access_token' },
  renewOn: [401],
} as const;
const AUTHS: Readonly<Record<string, AuthOptions>> = {
  bearer: { type: 'bearer', token: SECRET },
  'api-key in a header': { type: 'api-key', in: 'header', name: 'X-Key', key: SECRET },
  'api-key in the query': { type: 'api-key', in: 'query', name: 'key', key: SECRET },
  basic: { type: 'basic', username: 'me', password: SECRET },
  'client credentials': { type: 'oauth2-client-credentials', ...OAUTH, clientIn: 'body' },
  'client credentials in a header': { type: 'oauth2-client-credentials', ...OAUTH, clientIn: 'header' },
  'refresh token': { type: 'oauth2-refresh-token', ...OAUTH, refreshToken: REFRESH, clientIn: 'body' },
  'a login': { type: 'oauth2-authorization-code', ...OAUTH, authorizeUrl: '/auth', clientIn: 'body' },
  'a client assertion': { type: 'oauth2-client-credentials', tokenUrl: '/oauth/token', clientId: 'me', clientAssertion: SIGNED, clientIn: 'body' },
  'an assertion': { ...JWT, send: 'assertion' },
  'a token signed here': { ...JWT, send: 'bearer' },
  'a session token': { ...SESSION, send: { in: 'header', name: 'X-Key' } },
  'a session token in the query': { ...SESSION, send: { in: 'query', name: 'key' } },
};
const IS_LONG = process.env['SYNCLINE_TEST_LONG'] === '1';
/** Those that share the way of another one: gone through by the long suite. */
const ALIKE = new Set(['api-key in a header', 'client credentials in a header', 'a login', 'a client assertion', 'a token signed here', 'a session token']);

interface Echo {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Where an API may put what it was sent; `word` has no spaces. */
const PLACES: Readonly<Record<string, (word: string) => Echo>> = {
  'a message': (word) => ({ body: { message: `who is ${word}?` } }),
  'a message deep inside': (word) => ({ body: { error: { message: `who is ${word}?`, code: 'NO' } } }),
  'an OAuth 2.0 error': (word) => ({ body: { error: word, error_description: `who is ${word}?` } }),
  'a code': (word) => ({ body: { message: 'no', code: word, category: word } }),
  'the name of a field': (word) => ({ body: { [word]: 1, errors: { [word]: ['is wrong'] } } }),
  'a text': (word) => ({ body: `who is ${word}?` }),
  'a page of HTML': (word) => ({ body: `<html><h1>${word}</h1></html>` }),
  'a cursor': (word) => ({ body: { data: [{ id: 1 }], next: `/people?access_token=${encodeURIComponent(word)}&page=2` } }),
  'the address of a next page elsewhere': (word) => ({
    body: { data: [{ id: 1 }], next: `https://${word.replaceAll(/[^a-z0-9-]/gi, '')}.test/${encodeURIComponent(word)}` },
  }),
  results: (word) => ({
    body: {
      items: [
        { error: `who is ${word}?`, code: word },
        { id: 'c1', error: null },
      ],
    },
  }),
  'results without a record': (word) => ({ body: { [word]: [], items: { [word]: 1 } } }),
  'a request id': (word) => ({ headers: { 'x-request-id': encodeURIComponent(word) } }),
  warnings: (word) => ({
    headers: { warning: `299 - "who is ${encodeURIComponent(word)}?"`, sunset: encodeURIComponent(word), deprecation: encodeURIComponent(word) },
  }),
  'an encoding': (word) => ({ headers: { 'content-encoding': encodeURIComponent(word) } }),
  'a content type': (word) => ({ headers: { 'content-type': `text/plain; charset=${encodeURIComponent(word)}` } }),
  'a redirect': (word) => ({ headers: { location: `https://elsewhere.test/${encodeURIComponent(word)}` } }),
  'a link': (word) => ({ body: { data: [{ id: 1 }] }, headers: { link: `</people?access_token=${encodeURIComponent(word)}>; rel="next"` } }),
  'a time to wait': (word) => ({ headers: { 'retry-after': encodeURIComponent(word), 'x-ratelimit-reset': encodeURIComponent(word) } }),
};
/** 429 last: it slows down what comes after it. */
const STATUSES = [200, 201, 302, 307, 400, 401, 403, 404, 409, 413, 422, 500, 503, 429];
/** A read is repeated for seconds after these. */
const REPEATED = new Set([408, 425, 429, 500, 502, 503, 504]);

const PEOPLE = {
  primaryKey: 'id',
  list: { get: '/people', records: 'data', page: { type: 'next-url', url: 'next' } },
  search: { get: '/people', query: { mail: '{key}' }, records: 'data', max: 1 },
  create: { post: '/people', max: 10, body: { items: '{records}' }, results: { at: 'items', by: 'index', id: 'id', error: 'error', errorCode: 'code' } },
};
const LINKED = { ...PEOPLE, list: { ...PEOPLE.list, page: { type: 'next-url' } } };

/** An API that gives tokens, rotates refresh tokens, and puts every word of a request's credentials where the test says. */
async function begin(context: TestContext, auth: AuthOptions) {
  const now: { status: number; echo: (word: string) => Echo; refusesTokens: boolean } = { status: 200, echo: () => ({}), refusesTokens: false };
  let tokens = 0;
  const signed = new Set<string>();
  const answer = (response: Parameters<Parameters<typeof serve>[1]>[1], word: string) => {
    const { body = { data: [], items: [] }, headers = {} } = now.echo(word);
    response.writeHead(now.status, { 'content-type': 'application/json', ...headers });
    response.end(now.status === 204 ? undefined : typeof body === 'string' ? body : JSON.stringify(body));
  };
  const server = await serve(context, (request, response) => {
    const isForToken = request.url.startsWith('/oauth/token');
    if (!isForToken && auth.type === 'jwt') signed.add(wordOf(request));
    if (!isForToken && now.refusesTokens) return void response.writeHead(401).end();
    if (!isForToken) return answer(response, wordOf(request));
    const form = new URLSearchParams(request.body);
    const assertion = form.get('assertion') ?? form.get('client_assertion') ?? undefined;
    if (assertion !== undefined) signed.add(assertion);
    const password = auth.type === 'session-token' ? SECRET : undefined;
    const sent = form.get('refresh_token') ?? form.get('client_secret') ?? assertion ?? password;
    if (now.refusesTokens) return answer(response, sent ?? wordOf(request));
    tokens += 1;
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(
      JSON.stringify({
        access_token: tokenNamed(tokens),
        expires_in: 3_600,
        ...(auth.type === 'session-token' ? {} : { refresh_token: refreshNamed(tokens) }),
      }),
    );
  });
  const said: unknown[] = [];
  const connection = connect(context, resolved(server.url, { auth, objects: { people: PEOPLE, linked: LINKED } }), {
    ...(auth.type === 'oauth2-authorization-code' ? { tokens: await loggedIn(server.url, auth) } : {}),
    onWarning: (message) => said.push(message),
  });
  const observer: RequestObserver = { onRequest: (told) => said.push(told), onWait: (told) => said.push(told), onWarning: (told) => said.push(told) };
  // A session has no refresh token: one that an answer names means nothing.
  const names = () => namesUpTo(tokens).filter((_, index) => auth.type !== 'session-token' || index % 2 === 0);
  const secrets = () => [SECRET, REFRESH, PART_OF_KEY, ...[...signed].slice(-6), ...names()];
  return { now, said, connection, observer, secrets, tokens: () => tokens };
}

/** What proves who asks, as it came. */
function wordOf({ headers, url }: ReceivedRequest): string {
  const inQuery = new URL(url, 'http://api').searchParams.get('key');
  return inQuery ?? headers['x-key']?.toString() ?? headers.authorization?.replace(/^(Bearer|Basic) /, '') ?? 'nothing';
}

/** All that a failure holds and somebody may print. */
function textOf(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  return { ...error, message: error.message, stack: error.stack, cause: textOf(error.cause) };
}

/** What a login leaves behind: the first refresh token. */
async function loggedIn(baseUrl: string, auth: AuthorizationCodeOptions): Promise<TokenStore> {
  const tokens = memoryTokens();
  const timeouts = PATIENT_TIMEOUTS;
  const login = openLogin({ name: 'crm', account: 'acme/dev/crm', baseUrl, auth, allowPlainHttp: false, timeouts, tokens });
  const begun = login.begin('http://127.0.0.1:1/callback');
  await begun.finish(new URL(`http://127.0.0.1:1/callback?code=zq-code-5e1f&state=${new URL(begun.url).searchParams.get('state') ?? ''}`));
  return tokens;
}

const TRIED = Object.entries(AUTHS).filter(([name]) => IS_LONG || !ALIKE.has(name));
const OAUTHS = TRIED.filter(
  ([, auth]) => auth.type.startsWith('oauth2') || (auth.type === 'jwt' && auth.send === 'assertion') || auth.type === 'session-token',
);

describe('a token endpoint that repeats the credentials it was sent', { concurrency: 4 }, () => {
  for (const [name, auth] of OAUTHS) {
    it(`with ${name}: they are in no error or note`, async (context) => {
      const { now, said, connection, observer, secrets, tokens } = await begin(context, auth);
      await readPage(connection.source('people', observer));
      const inUse = namesUpTo(tokens());
      now.refusesTokens = true;
      for (const status of [200, 302, 400, 401, 403, 404, 429, 500]) {
        for (const [place, echo] of Object.entries(PLACES)) {
          const words = [(word: string) => word, () => inUse[0] ?? '', () => inUse[1] ?? ''];
          for (const word of words) {
            Object.assign(now, { status, echo: (sent: string) => echo(word(sent)) });
            said.push(await send(connection.target('people', 'mail', observer), 'create', [outgoing('a@x.test')]).catch(textOf));
          }
          assertNone(JSON.stringify(said), secrets(), `${place}, ${status}`);
          said.length = 0;
        }
      }
    });
  }
});

describe('an API that repeats the credentials it was sent', { concurrency: 4 }, () => {
  for (const [name, auth] of TRIED.filter(([name]) => IS_LONG || name !== 'an assertion')) {
    it(`with ${name}: they are in no error, result, warning, note or cursor`, async (context) => {
      const { now, said, connection, observer, secrets } = await begin(context, auth);
      const attempt = async (work: () => Promise<unknown>) => said.push(await work().catch(textOf));
      for (const status of STATUSES) {
        for (const [place, echo] of Object.entries(PLACES)) {
          Object.assign(now, { status, echo });
          const from = said.length;
          await attempt(() => send(connection.target('people', 'mail', observer), 'create', [outgoing('a@x.test'), outgoing('b@x.test')]));
          if (!REPEATED.has(status)) {
            for (const object of ['people', 'linked']) await attempt(() => readPage(connection.source(object, observer)));
            await attempt(() => connection.target('people', 'mail', observer).search(['a@x.test']));
          }
          assertNone(JSON.stringify(said.slice(from)), secrets(), `${place}, ${status}`);
        }
      }
      assert.match(JSON.stringify(said), /•••/, 'something was hidden');
    });
  }
});

/** What is kept of a page besides its records: those are the API's own. */
async function readPage(source: Source): Promise<unknown> {
  return { ...(await source.readPage({ window: {}, cursor: undefined })), records: [] };
}

function namesUpTo(tokens: number): readonly string[] {
  return Array.from({ length: tokens }, (_, index) => [tokenNamed(index + 1), refreshNamed(index + 1)]).flat();
}

function assertNone(text: string, secrets: readonly string[], where: string): void {
  for (const secret of secrets)
    for (const form of formsOf(secret)) {
      const at = text.indexOf(form);
      assert.ok(at < 0, `${where}: …${text.slice(Math.max(0, at - 200), at + 100)}…`);
    }
}
