import assert from 'node:assert/strict';
import { it } from 'node:test';
import { isJsonObject, type Json } from '../../engine/json.ts';
import type { HttpAnswer } from '../../http/http-client.ts';
import { nextLink } from '../../http/link-header.ts';
import { nextCursor, type PageFacts, type PagingRule, pageRequest } from '../../http/paging.ts';
import { type Answer, json, open, serve } from './local-server.ts';

const RECORDS = Array.from({ length: 25 }, (_, index) => index + 1);
const SIZE = 10;

interface Api {
  readonly rule: PagingRule;
  readonly answer: Answer;
  readonly facts: (answer: HttpAnswer) => Partial<PageFacts>;
  readonly requests: number;
}

const param = (url: string, name: string): number => Number(new URL(url, 'http://x').searchParams.get(name) ?? 0);
const field = (body: Json, name: string): Json | undefined => (isJsonObject(body) ? body[name] : undefined);
const pageFrom = (from: number) => ({ data: RECORDS.slice(from, from + SIZE), more: from + SIZE < RECORDS.length, end: from + SIZE });

const APIS: Readonly<Record<string, Api>> = {
  cursor: {
    rule: { type: 'cursor', param: 'after', in: 'query' },
    answer: ({ url }, response) => {
      const { data, more, end } = pageFrom(param(url, 'after'));
      json(response, { data, ...(more ? { next: String(end) } : {}) });
    },
    facts: ({ body }) => ({ next: field(body, 'next') }),
    requests: 3,
  },
  page: {
    rule: { type: 'page', param: 'page', in: 'query', start: 1 },
    answer: ({ url }, response) => json(response, { data: pageFrom((param(url, 'page') - 1) * SIZE).data, total: RECORDS.length }),
    facts: () => ({ total: RECORDS.length }),
    requests: 3,
  },
  'offset in a body': {
    rule: { type: 'offset', param: 'offset', in: 'body' },
    answer: ({ body }, response) => {
      const { data, more } = pageFrom(JSON.parse(body).offset);
      json(response, { data, more });
    },
    facts: ({ body }) => ({ hasMore: field(body, 'more') === true }),
    requests: 3,
  },
  'next-url in the body, relative': {
    rule: { type: 'next-url' },
    answer: ({ url }, response) => {
      const { data, more, end } = pageFrom(param(url, 'from'));
      json(response, { data, next: more ? `/v2/list?from=${end}` : null });
    },
    facts: ({ body, url }) => ({ next: field(body, 'next'), requestUrl: url }),
    requests: 3,
  },
  'next-url in the Link header': {
    rule: { type: 'next-url' },
    answer: ({ url, headers }, response) => {
      const { data, more, end } = pageFrom(param(url, 'from'));
      json(
        response,
        { data },
        200,
        more ? { link: `<http://${headers.host}/v2/list?from=0>; rel="first", <http://${headers.host}/v2/list?from=${end}>; rel="next"` } : {},
      );
    },
    facts: ({ headers, url }) => ({ next: nextLink(headers['link']), requestUrl: url }),
    requests: 3,
  },
  keyset: {
    rule: { type: 'keyset', param: 'after', in: 'query' },
    answer: ({ url }, response) => json(response, { data: RECORDS.filter((key) => key > param(url, 'after')).slice(0, SIZE) }),
    facts: ({ body }) => {
      const data = field(body, 'data');
      return { next: Array.isArray(data) ? data.at(-1) : undefined };
    },
    requests: 4,
  },
  none: { rule: { type: 'none' }, answer: (_request, response) => json(response, { data: RECORDS }), facts: () => ({}), requests: 1 },
};

for (const [type, { rule, answer, facts, requests }] of Object.entries(APIS)) {
  it(`a list is read whole over HTTP by ${type}`, async (context) => {
    const server = await serve(context, answer);
    const client = open(context, `${server.url}/v2`);
    const seen: Json[] = [];
    let cursor: Json | undefined;
    do {
      const { params, url } = pageRequest(rule, cursor);
      const isBody = params[0]?.in === 'body';
      const { answer: page } = await client.send({
        method: isBody ? 'POST' : 'GET',
        path: url ?? '/list',
        query: isBody ? [] : params.map(({ name, value }) => [name, String(value)] as const),
        ...(isBody ? { body: { json: Object.fromEntries(params.map(({ name, value }) => [name, value])) } } : {}),
        repeat: 'read',
      });
      const data = field(page.body, 'data');
      assert.ok(Array.isArray(data));
      seen.push(...data);
      cursor = nextCursor(rule, cursor, { records: data.length, ...facts(page) });
    } while (cursor !== undefined);
    assert.deepEqual(seen, RECORDS);
    assert.equal(server.received.length, requests);
    assert.ok(server.received.every(({ url }) => url.startsWith('/v2/list')));
  });
}
