import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { ChangeKind } from '../../engine/outcome.ts';
import { connect, keysOf, outgoing, readAll, resolved, send } from '../connectors/connect.ts';
import { json, serve } from '../http/local-server.ts';
import { PATIENT_TIMEOUTS } from '../support/until.ts';
import { type Fault, FaultProxy } from './fault-proxy.ts';

const PEOPLE = Array.from({ length: 23 }, (_, index) => ({ id: index + 1, mail: `p${index + 1}@x.test` }));
const KEYS = PEOPLE.map(({ id }) => String(id));
const PAGE = 5;
const pageOf = (from: number) => PEOPLE.slice(from, from + PAGE);

/** Each way of paging: what the definition says, and how the API answers. */
const PAGINGS: Readonly<
  Record<
    string,
    { readonly page: unknown; readonly answer: (query: URLSearchParams, base: string) => { readonly body: unknown; readonly headers?: Record<string, string> } }
  >
> = {
  cursor: {
    page: { type: 'cursor', cursor: 'next', param: 'after' },
    answer: (query) => page(Number(query.get('after') ?? 0), (next) => ({ next })),
  },
  page: { page: { type: 'page', param: 'page' }, answer: (query) => page((Number(query.get('page') ?? 1) - 1) * PAGE, () => ({})) },
  offset: { page: { type: 'offset', param: 'offset' }, answer: (query) => page(Number(query.get('offset') ?? 0), () => ({})) },
  keyset: { page: { type: 'keyset', key: 'id', param: 'after' }, answer: (query) => page(Number(query.get('after') ?? 0), () => ({})) },
  'next-url in the body': {
    page: { type: 'next-url', url: 'next' },
    answer: (query) => page(Number(query.get('from') ?? 0), (next) => ({ next: next === null ? null : `/people?from=${next}` })),
  },
  'next-url in the Link header': {
    page: { type: 'next-url' },
    answer: (query) => {
      const from = Number(query.get('from') ?? 0);
      const hasMore = from + PAGE < PEOPLE.length;
      return { body: { data: pageOf(from) }, ...(hasMore ? { headers: { link: `</people?from=${from + PAGE}>; rel="next"` } } : {}) };
    },
  },
  none: { page: { type: 'none' }, answer: () => ({ body: { data: PEOPLE } }) },
};

function page(from: number, more: (next: number | null) => object) {
  return { body: { data: pageOf(from), ...more(from + PAGE < PEOPLE.length ? from + PAGE : null) } };
}

const WRITES: Readonly<Record<string, { readonly kind: ChangeKind; readonly endpoint: object }>> = {
  'a batch of upserts': { kind: 'upsert', endpoint: { post: '/people/batch' } },
  'a batch of creates': { kind: 'create', endpoint: { post: '/people/batch' } },
  'a batch of updates': { kind: 'update', endpoint: { patch: '/people/batch' } },
};
const BATCH = { max: 100, body: { items: '{records}' }, results: { at: 'items', by: 'index', id: 'id' } };

/** For what never comes. What does come gets the time that it needs. */
const IMPATIENT = { connectMs: 10_000, headersMs: 700, bodyMs: 700, requestMs: 10_000 };

interface Begin {
  readonly paging?: keyof typeof PAGINGS;
  readonly write?: keyof typeof WRITES;
  readonly timeouts?: typeof IMPATIENT;
}

async function begin(context: TestContext, { paging, write, timeouts = PATIENT_TIMEOUTS }: Begin) {
  const list = paging === undefined ? undefined : PAGINGS[paging];
  const server = await serve(context, (request, response) => {
    const url = new URL(request.url, 'http://x');
    if (request.method !== 'GET') return json(response, { items: [{ id: 1 }, { id: 2 }] });
    const { body, headers } = list?.answer(url.searchParams, url.origin) ?? { body: {} };
    json(response, body, 200, headers);
  });
  const { proxy, url } = await FaultProxy.start(context, server.url);
  const endpoint = write === undefined ? undefined : WRITES[write];
  const people = {
    primaryKey: 'id',
    list: { get: '/people', records: 'data', page: list?.page ?? { type: 'none' } },
    ...(endpoint === undefined ? {} : { [endpoint.kind]: { ...endpoint.endpoint, ...BATCH } }),
  };
  const connection = connect(context, resolved(url, { objects: { people }, timeouts }));
  return { server, proxy, connection };
}

describe('over a bad network', { concurrency: 4 }, () => {
  for (const paging of Object.keys(PAGINGS)) {
    for (const [name, faultOf] of Object.entries<(connection: number) => Fault>({
      'late and unsteady': () => ({ kind: 'slow', latencyMs: 20, jitterMs: 40 }),
      'byte by byte': () => ({ kind: 'sliced' }),
      'reset in the middle of the first answers': (connection) => (connection < 2 ? { kind: 'reset', afterBytes: 120 } : { kind: 'none' }),
      'refused at first': (connection) => (connection < 2 ? { kind: 'refused' } : { kind: 'none' }),
    })) {
      it(`paging by ${paging}, ${name}: every record once`, async (context) => {
        const { proxy, connection } = await begin(context, { paging });
        proxy.faultOf = faultOf;
        assert.deepEqual(keysOf(await readAll(connection.source('people'))), KEYS);
      });
    }
  }

  it('an answer that never ends is an API that is not to be had, and said so', async (context) => {
    for (const afterBytes of [0, 60, 160]) {
      const { proxy, connection } = await begin(context, { paging: 'none', timeouts: { ...IMPATIENT, requestMs: 1_500 } });
      proxy.faultOf = () => ({ kind: 'half-open', afterBytes });
      await assert.rejects(
        readAll(connection.source('people')),
        (error: Error & { code?: string }) => error.code === 'SYSTEM_UNAVAILABLE' && / Syncline tries again\.$/.test(error.message),
      );
    }
  });

  for (const [name, { kind }] of Object.entries(WRITES)) {
    for (const fault of [
      { kind: 'reset', afterBytes: 100 },
      { kind: 'reset', afterBytes: 1 },
      { kind: 'half-open', afterBytes: 0 },
      { kind: 'half-open', afterBytes: 140 },
    ] as const) {
      it(`${name} whose answer is ${fault.kind === 'reset' ? 'reset' : 'cut off'} after ${fault.afterBytes} bytes was sent once, and is unknown`, async (context) => {
        const { server, proxy, connection } = await begin(context, { write: name, timeouts: IMPATIENT });
        proxy.faultOf = () => fault;
        await assert.rejects(send(connection.target('people', 'email'), kind, [outgoing('a@x.test', {}, '1'), outgoing('b@x.test', {}, '2')]), {
          code: 'WRITE_OUTCOME_UNKNOWN',
        });
        assert.equal(server.received.length, 1);
      });
    }

    it(`${name} that comes byte by byte is read as it is`, async (context) => {
      const { proxy, connection } = await begin(context, { write: name });
      proxy.faultOf = () => ({ kind: 'sliced' });
      const answer = await send(connection.target('people', 'email'), kind, [outgoing('a@x.test', {}, '1'), outgoing('b@x.test', {}, '2')]);
      assert.ok(answer.answer === 'results' && answer.results.every((result) => result.outcome === 'written'));
    });
  }
});
