import assert from 'node:assert/strict';
import { it, type TestContext } from 'node:test';
import { type Answer, json, type LocalServer, serve } from '../http/local-server.ts';
import { targetOf } from './connect.ts';

interface Contact {
  readonly id: number;
  readonly email: string | null;
}

const SEARCH = { post: '/search', body: { field: '{matchOn}', values: '{keys}' }, records: 'data' };

/** Finds by e-mail, without regard to case; answers at most `page` records. */
function finding(contacts: readonly Contact[], page = 100): Answer {
  return ({ body }, response) => {
    const { values } = JSON.parse(body);
    const wanted = new Set(values.map((value: string) => value.toLowerCase().trim()));
    json(response, { data: contacts.filter(({ email }) => wanted.has(email?.toLowerCase())).slice(0, page) });
  };
}

const searching = (context: TestContext, server: LocalServer, search: { readonly [key: string]: unknown } = SEARCH, more = {}) =>
  targetOf(context, server.url, { create: { post: '/contacts' }, search, ...more });

const asked = (server: LocalServer): unknown[] => server.received.map(({ body }) => JSON.parse(body).values);
const contact = (id: number): Contact => ({ id, email: `u${id}@x.test` });

it('finds records by match value, without regard to case and spaces; what is not there is not in the answer', async (context) => {
  const server = await serve(
    context,
    finding([
      { id: 1, email: 'Ada@x.test' },
      { id: 2, email: 'bob@x.test' },
      { id: 3, email: 'BOB@x.test' },
    ]),
  );
  const found = await searching(context, server).search([' ada@X.test', 'bob@x.test', 'cy@x.test']);
  assert.deepEqual(
    [...found],
    [
      [' ada@X.test', [{ id: '1', fields: { id: 1, email: 'Ada@x.test' } }]],
      [
        'bob@x.test',
        [
          { id: '2', fields: { id: 2, email: 'bob@x.test' } },
          { id: '3', fields: { id: 3, email: 'BOB@x.test' } },
        ],
      ],
    ],
  );
  assert.deepEqual(JSON.parse(server.received[0]?.body ?? ''), { field: 'email', values: [' ada@X.test', 'bob@x.test', 'cy@x.test'] });
});

it('ids that differ in case alone are of two records, unless the target has them in one case', async (context) => {
  const folding = (...codes: readonly string[]): Answer => finding(codes.map((email, index) => ({ id: index + 1, email })));
  const idsOf = async (codes: readonly string[], values: readonly string[]) => {
    const server = await serve(context, folding(...codes));
    return [...(await searching(context, server).search(values))].map(([value, hits]) => [value, hits.map(({ id }) => id).join()]);
  };
  assert.deepEqual(await idsOf(['cus_AbC'], ['cus_aBc', ' cus_AbC ']), [[' cus_AbC ', '1']]);
  assert.deepEqual(await idsOf(['cus_AbC', 'cus_aBc', 'cus_abc'], ['cus_aBc', 'cus_AbC']), [
    ['cus_aBc', '2'],
    ['cus_AbC', '1'],
  ]);
  assert.deepEqual(await idsOf(['blue-shoe', 'X-1'], ['Blue-Shoe', 'x-1']), [
    ['Blue-Shoe', '1'],
    ['x-1', '2'],
  ]);
});

it('an id that a full page may have left out is asked for again, though one of another case came', async (context) => {
  const codes = ['w', 'x', 'y', 'z', 'Ab', 'aB'];
  const server = await serve(
    context,
    finding(
      codes.map((email, id) => ({ id, email })),
      5,
    ),
  );
  const found = await searching(context, server).search(codes);
  assert.deepEqual(
    [...found].map(([code, hits]) => [code, hits.length, hits[0]?.fields.email]),
    codes.map((code) => [code, 1, code]),
  );
});

it('asks for as many at once as the API takes, and for each spelling once', async (context) => {
  const server = await serve(context, finding([contact(1), contact(3)]));
  const found = await searching(context, server, { ...SEARCH, max: 2 }).search(['u1@x.test', 'u2@x.test', 'U1@x.test', 'u1@x.test', 'u3@x.test']);
  assert.deepEqual(asked(server), [
    ['u1@x.test', 'u2@x.test'],
    ['U1@x.test', 'u3@x.test'],
  ]);
  assert.equal(found.get('u1@x.test')?.length, 1);
  assert.deepEqual([...found.keys()], ['u1@x.test', 'U1@x.test', 'u3@x.test']);
});

it('asks again for what a full page may have left out, until nothing more comes', async (context) => {
  const contacts = Array.from({ length: 12 }, (_, index) => contact(index));
  const server = await serve(context, finding(contacts, 5));
  const values = [...contacts.map(({ email }) => email ?? ''), 'new@x.test'];
  const found = await searching(context, server).search(values);
  assert.deepEqual([...found.keys()], values.slice(0, 12));
  assert.deepEqual(
    asked(server).map((keys) => (Array.isArray(keys) ? keys.length : 0)),
    [13, 8, 3],
  );
});

it('asks once where nothing is found, or all, or fewer than any page has', async (context) => {
  const server = await serve(context, finding([contact(1), contact(2)]));
  const target = searching(context, server);
  assert.equal((await target.search(['a@x.test', 'b@x.test'])).size, 0);
  assert.equal((await target.search(['u1@x.test', 'u2@x.test'])).size, 2);
  assert.equal((await target.search(['u1@x.test', 'c@x.test'])).size, 1);
  assert.equal((await target.search([])).size, 0);
  assert.equal(server.received.length, 3);
});

/** Finds what begins as one of the values does, in pages of two. */
function findingAlike(emails: readonly string[]): Answer {
  return ({ body }, response) => {
    const { values, after = 0 } = JSON.parse(body);
    const alike = emails.map((email, id) => ({ id, email })).filter(({ email }) => values.some((value: string) => email.startsWith(value)));
    json(response, { data: alike.slice(after, after + 2), ...(after + 2 < alike.length ? { next: after + 2 } : {}) });
  };
}

const PAGED = { ...SEARCH, page: { type: 'cursor', cursor: 'next', param: 'after', in: 'body' } };
const ALIKE = ['ann@x.test.old', 'ann@x.test.1', 'bob@x.test', 'ann@x.test.2', 'Ann@x.test', 'ann@x.test.3', 'ann@x.test', 'ann@x.test.4'];

it('reads the pages of a search until all that is looked for is found', async (context) => {
  const server = await serve(context, findingAlike(ALIKE));
  const found = await searching(context, server, PAGED).search(['ann@x.test', 'bob@x.test']);
  assert.deepEqual(
    [...found].map(([value, hits]) => [value, hits.map(({ id }) => id)]),
    [
      ['ann@x.test', ['6']],
      ['bob@x.test', ['2']],
    ],
  );
  assert.deepEqual(
    server.received.map(({ body }) => JSON.parse(body).after),
    [undefined, 2, 4],
  );
});

it('reads the pages of a search to their end where something is not there, once', async (context) => {
  const server = await serve(context, findingAlike(ALIKE));
  const found = await searching(context, server, PAGED).search(['ann@x.test', 'cy@x.test']);
  assert.deepEqual([...found.keys()], ['ann@x.test']);
  assert.deepEqual(
    server.received.map(({ body }) => JSON.parse(body).after),
    [undefined, 2, 4],
  );
  const codes = await serve(context, ({ body }, response) =>
    json(response, JSON.parse(body).after === 1 ? { data: [{ id: 2, email: 'aB' }] } : { data: [{ id: 1, email: 'ab' }], next: 1 }),
  );
  assert.equal((await searching(context, codes, PAGED).search(['aB'])).get('aB')?.[0]?.id, '2');
  const endless = await serve(context, (_request, response) => json(response, { data: [{ id: 1, email: 'ann@x.test.old' }], next: 7 }));
  await assert.rejects(searching(context, endless, PAGED).search(['ann@x.test']), {
    code: 'CONTRACT_BROKEN',
    message: /crm\.contacts\.search: The cursor repeats/,
  });
});

it('asks in halves where so many values at once are refused', async (context) => {
  const server = await serve(context, (request, response) => {
    if (request.body.length > 60) json(response, { message: 'query too long' }, 400);
    else return finding([contact(1), contact(4)])(request, response);
  });
  const found = await searching(context, server).search(['u1@x.test', 'u2@x.test', 'u3@x.test', 'u4@x.test']);
  assert.deepEqual([...found.keys()], ['u1@x.test', 'u4@x.test']);
});

it('a single value that is refused is told', async (context) => {
  const server = await serve(context, (_request, response) => json(response, { message: 'no such filter' }, 400));
  await assert.rejects(searching(context, server).search(['u1@x.test']), {
    code: 'REQUEST_REJECTED',
    message: /refused crm\.contacts\.search \(400\): no such filter/,
  });
});

it('a hit that does not show what it was found by would let all look new: it is an error', async (context) => {
  const server = await serve(context, (_request, response) => json(response, { data: [{ id: 1 }] }));
  await assert.rejects(searching(context, server).search(['u1@x.test']), { code: 'CONTRACT_BROKEN', message: /does not show its "email"/ });
});

it('a hit of another value, or of none, is no hit', async (context) => {
  const server = await serve(context, (_request, response) =>
    json(response, {
      data: [
        { id: 1, email: 'u11@x.test' },
        { id: 2, email: null },
      ],
    }),
  );
  assert.equal((await searching(context, server).search(['u1@x.test', ''])).size, 0);
});

it('numbers and fields that lie apart are compared, too', async (context) => {
  const server = await serve(context, (_request, response) => json(response, { data: [{ id: 1, properties: { email: 4711 } }] }));
  const found = await searching(context, server, SEARCH, { values: 'properties' }).search(['4711']);
  assert.deepEqual(found.get('4711'), [{ id: '1', fields: { id: 1, email: 4711 } }]);
});

it('one record by its address: 404 is not there; without a value in the address it is a mistake', async (context) => {
  const server = await serve(context, ({ url }, response) => (url.includes('u1') ? json(response, contact(1)) : json(response, { message: 'not found' }, 404)));
  const target = searching(context, server, { get: '/contacts/by-email/{key}', records: '[$]', max: 1 });
  assert.deepEqual([...(await target.search(['u1@x.test', 'u2@x.test'])).keys()], ['u1@x.test']);
  await assert.rejects(searching(context, server).search(['u2@x.test']), { code: 'REQUEST_REJECTED', message: /\(404\)/ });
});

it('204 says that nothing is there', async (context) => {
  const server = await serve(context, ({ url }, response) => (url.includes('u1') ? json(response, [contact(1)]) : void response.writeHead(204).end()));
  const target = searching(context, server, { get: '/contacts', query: { email: '{key}' }, records: '$', max: 1 });
  assert.deepEqual([...(await target.search(['u1@x.test', 'u2@x.test'])).keys()], ['u1@x.test']);
});

it('a target without a search says so', async (context) => {
  const target = targetOf(context, 'http://127.0.0.1:1', { create: { post: '/contacts' } });
  assert.equal(target.canSearch, false);
  await assert.rejects(target.search(['x']), { code: 'DEFINITION_INVALID' });
});
