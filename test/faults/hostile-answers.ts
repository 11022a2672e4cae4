import type { ServerResponse } from 'node:http';

/** An answer that is not what it should be, in the place of `body`. */
export type Hostile = (response: ServerResponse, body: unknown) => void;

const send = (response: ServerResponse, text: string, headers: Readonly<Record<string, string>> = {}, status = 200) =>
  void response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(text);
const listOf = (body: unknown, name: 'data' | 'results'): readonly unknown[] => {
  const list: unknown = typeof body === 'object' && body !== null ? Object.entries(body).find(([key]) => key === name)?.[1] : undefined;
  return Array.isArray(list) ? list : [];
};
const withList =
  (name: 'data' | 'results', change: (list: readonly unknown[]) => readonly unknown[]): Hostile =>
  (response, body) =>
    send(response, JSON.stringify({ ...Object(body), [name]: change(listOf(body, name)) }));

const html: Hostile = (response) => send(response, '<html><body>Please log in</body></html>', { 'content-type': 'text/html' });
const truncated: Hostile = (response, body) => send(response, JSON.stringify(body).slice(0, -40));
const errorIn200: Hostile = (response) => send(response, '{"error":{"message":"internal"}}');
const tenGigabytes: Hostile = (response) => {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': '10000000000' });
  const piece = Buffer.alloc(65_536, ' ');
  const push = () => {
    while (!response.destroyed && response.write(piece));
  };
  response.on('drain', push).on('error', () => undefined);
  push();
};
const trickle: Hostile = (response) => {
  response.writeHead(200, { 'content-type': 'application/json' });
  const timer = setInterval(() => response.write(' '), 100);
  response.on('close', () => clearInterval(timer));
};
const redirect: Hostile = (response) => send(response, '', { location: 'https://elsewhere.test/people' }, 302);

interface HostilePage {
  readonly answer: Hostile;
  readonly exit: number;
  readonly says: RegExp;
}
const COMPARE = /Compare the connector with the API's documentation\./.source;
const broken = (answer: Hostile, what: string, advice = COMPARE): HostilePage => ({ answer, exit: 1, says: new RegExp(`${what}.*${advice} CONTRACT_BROKEN`) });

/** In the place of the second page of a list that goes on by a link: what the run ends with. */
export const HOSTILE_PAGES: Readonly<Record<string, HostilePage>> = {
  'HTML for JSON': broken(html, 'the records path "data" finds nothing\\. The answer has: text'),
  'JSON that was cut off': {
    answer: truncated,
    exit: 5,
    says: /The answer of \w+ stopped midway\. Syncline tries again\. Given up: no progress any more\. SYSTEM_UNAVAILABLE/,
  },
  'a 200 with an error in it': broken(errorIn200, 'the records path "data" finds nothing\\. The answer has: error'),
  'an empty page that claims more': broken(
    (response) => send(response, '{"data":[],"link":"/people?from=50"}'),
    'names the page that was just read as the next one|for ever',
    '',
  ),
  '10 GB': broken(tenGigabytes, 'answered more than 1 MB', 'ask for smaller pages, or raise maxAnswerBytes\\.'),
  'a body that trickles': {
    answer: trickle,
    exit: 5,
    says: /no whole answer within 1 s\. Syncline tries again\. Given up: no progress any more\. SYSTEM_UNAVAILABLE/,
  },
  'a redirect to another host': broken(redirect, 'redirects \\(302\\)|leads to https://elsewhere\\.test', ''),
  'a next page on another host': broken(
    (response, body) => send(response, JSON.stringify({ ...Object(body), link: 'https://elsewhere.test/people?from=100' })),
    'leads to https://elsewhere\\.test, which is not its own address',
    'If it is right, make it the baseUrl\\.',
  ),
  'a record without its key': broken(
    withList('data', ([first, ...others]) => [{ ...Object(first), id: undefined }, ...others]),
    'a record has no primary key at "id"\\. It has: mail, name',
  ),
};

/** In the place of the answer to the third write, which has been applied: the run goes on, and ends well. */
export const HOSTILE_RESULTS: Readonly<Record<string, Hostile>> = {
  'HTML for JSON': html,
  'JSON that was cut off': truncated,
  'a 200 with an error in it': errorIn200,
  '10 GB': tenGigabytes,
  'a body that trickles': trickle,
  'a redirect to another host': redirect,
  'fewer results than records': withList('results', (list) => list.slice(0, -7)),
  'more results than records': withList('results', (list) => [...list, { id: 'x', email: 'nobody@example.test' }, { id: 'y', email: 'none@example.test' }]),
  'results in another order': withList('results', (list) => list.toReversed()),
};

/** A page whose records hold what hurts, and is to arrive as it is. */
export const odd: Hostile = (response, body) =>
  send(
    response,
    JSON.stringify(body)
      .replace('"name":"Person 51"', '"name":"half \\ud800 a pair"')
      .replace('"id":54,', '"id":"54 \\ud800",')
      .replace('"big":52', '"big":9007199254740993')
      .replace('"name":"Person 53"', '"name":"Person 53","__proto__":{"isAdmin":true},"constructor":{"prototype":{"isAdmin":true}}'),
  );
