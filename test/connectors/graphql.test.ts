import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { Source, Target } from '../../connectors/ports.ts';
import { json, serve } from '../http/local-server.ts';
import { fastEnough, inTime } from '../support/in-time.ts';
import { connect, keysOf, outgoing, readAll, resolved, send } from './connect.ts';
import { ContactsGraph } from './contacts-graph.ts';
import type { Bucket } from './graph-server.ts';

const LIST = `
  query ($first: Int!, $after: String) {
    contacts(first: $first, after: $after) {
      nodes { id email name }
      pageInfo { hasNextPage endCursor }
    }
  }`;
const SAVED = '{ contact { id } userErrors { field message code } }';

const CONTACTS = {
  list: { graphql: LIST, records: 'data.contacts.nodes', page: { type: 'graphql', size: { max: 2 } } },
  get: { graphql: 'query ($id: ID!) { contact(id: $id) { id email name } }', variables: { id: '{id}' }, record: 'data.contact' },
  search: {
    graphql: 'query ($emails: [String!]) { contacts(first: 50, emails: $emails) { nodes { id email } } }',
    variables: { emails: '{keys}' },
    records: 'data.contacts.nodes',
  },
  create: {
    graphql: `mutation ($input: ContactInput!) { contactCreate(input: $input) ${SAVED} }`,
    variables: { input: '{record}' },
    max: 10,
    results: { id: 'contact.id' },
  },
  update: {
    graphql: `mutation ($id: ID!, $changes: ContactChange!) { contactUpdate(id: $id, changes: $changes) ${SAVED} }`,
    variables: { id: '{id}', changes: { name: '{fields.name}' } },
    max: 10,
    merges: true,
    results: { id: 'contact.id', status: "userErrors[0].code = 'NOT_FOUND' ? 404" },
  },
  delete: {
    graphql: 'mutation ($id: ID!) { contactDelete(id: $id) { deletedId userErrors { message code } } }',
    variables: { id: '{id}' },
    max: 10,
    results: { id: 'deletedId', status: "userErrors[0].code = 'NOT_FOUND' ? 404" },
  },
};
const COST = {
  available: 'body.extensions.cost.throttleStatus.currentlyAvailable',
  restoreRate: 'body.extensions.cost.throttleStatus.restoreRate',
  requested: 'body.extensions.cost.requestedQueryCost',
  maximum: 'body.extensions.cost.throttleStatus.maximumAvailable',
};
const FIVE = ['ada', 'bob', 'cyd', 'dan', 'eve'].map((name) => `${name}@x.test`);

interface Opened {
  readonly graph: ContactsGraph;
  readonly source: Source;
  readonly target: Target;
  readonly warnings: readonly string[];
}

async function open(context: TestContext, emails: readonly string[], more: { readonly contacts?: object; readonly bucket?: Bucket } = {}): Promise<Opened> {
  const graph = await new ContactsGraph(emails, more.bucket).listen(context);
  const warnings: string[] = [];
  const limits = more.bucket === undefined ? {} : { cost: COST };
  const connection = connect(context, resolved(graph.url, { limits, objects: { contacts: { ...CONTACTS, ...more.contacts } } }), {
    onWarning: (_connection, message) => warnings.push(message),
  });
  return { graph, source: connection.source('contacts'), target: connection.target('contacts', 'email'), warnings };
}

describe('a GraphQL connection is read', () => {
  it('page by page, each going on after the cursor that the page before named', async (context) => {
    const { graph, source } = await open(context, FIVE);
    const pages = await readAll(source);
    assert.deepEqual(
      pages.map(({ records }) => records.map(({ fields }) => fields['name'])),
      [['ada', 'bob'], ['cyd', 'dan'], ['eve']],
    );
    assert.deepEqual(
      graph.requests.map(({ variables }) => variables),
      [{ first: 2 }, { first: 2, after: '2' }, { first: 2, after: '4' }],
    );
  });

  it('from a cursor that was kept', async (context) => {
    const { source } = await open(context, FIVE);
    const first = await source.readPage({ window: {}, cursor: undefined });
    const kept: typeof first.next = JSON.parse(JSON.stringify(first.next));
    assert.deepEqual(keysOf(await readAll(source, kept)), ['gid://contacts/3', 'gid://contacts/4', 'gid://contacts/5']);
  });

  it('also by its edges, which may be none or one', async (context) => {
    const list = { ...CONTACTS.list, graphql: LIST.replace('nodes { id email name }', 'edges { node { id email } }'), records: '[data.contacts.edges.node]' };
    for (const emails of [[], ['ada@x.test'], FIVE]) {
      const { source } = await open(context, emails, { contacts: { list } });
      assert.equal(keysOf(await readAll(source)).length, emails.length);
    }
  });

  it('a page without pageInfo is no end of the list', async (context) => {
    const { source } = await open(context, FIVE, { contacts: { list: { ...CONTACTS.list, graphql: LIST.replace('pageInfo { hasNextPage endCursor }', '') } } });
    await assert.rejects(source.readPage({ window: {}, cursor: undefined }), { code: 'CONTRACT_BROKEN', message: /no pageInfo\.hasNextPage/ });
  });

  it('and warns of what is cut off inside of a record', async (context) => {
    const list = { ...CONTACTS.list, graphql: LIST.replace('email name', 'email deals(first: 1) { nodes { id } pageInfo { hasNextPage } }') };
    const { source, warnings } = await open(context, ['few@x.test', 'many@x.test'], { contacts: { list } });
    await readAll(source);
    assert.deepEqual(warnings, ['crm.contacts.list: some records have more deals than the document asks for: the rest is not read.']);
  });

  it('and warns of what is cut off further in', async (context) => {
    const taxes = { nodes: [], pageInfo: { hasNextPage: true } };
    const orders = { nodes: [{ id: 1, lines: { nodes: [{ taxes }], pageInfo: { hasNextPage: false } } }] };
    const { url } = await serve(context, (_request, response) => json(response, { data: { orders } }));
    const list = { graphql: '{ orders { nodes { id lines { nodes { taxes { nodes { id } pageInfo { hasNextPage } } } } } } }', records: 'data.orders.nodes' };
    const warnings: string[] = [];
    const onWarning = (_connection: string, message: string) => void warnings.push(message);
    await readAll(connect(context, resolved(url, { objects: { orders: { list } } }), { onWarning }).source('orders'));
    assert.deepEqual(warnings, ['crm.orders.list: some records have more lines.nodes.taxes than the document asks for: the rest is not read.']);
  });

  it('one record, or none', async (context) => {
    const { source } = await open(context, FIVE);
    assert.equal((await source.readOne?.('gid://contacts/2'))?.fields['name'], 'bob');
    assert.equal(await source.readOne?.('gid://contacts/99'), undefined);
  });
});

describe('errors of a query', () => {
  it('with status 200 and data beside them are no success, and have their own words', async (context) => {
    const graphql = LIST.replace('contacts(first', 'secrets contacts(first');
    const { source } = await open(context, FIVE, { contacts: { list: { ...CONTACTS.list, graphql } } });
    await assert.rejects(source.readPage({ window: {}, cursor: undefined }), {
      code: 'REQUEST_REJECTED',
      message: 'crm refused crm.contacts.list (200): secrets are not for you. Check the endpoint in the connector.',
    });
  });

  it('of a document that does not fit the schema say where', async (context) => {
    const { source } = await open(context, FIVE, { contacts: { list: { ...CONTACTS.list, graphql: LIST.replace('email', 'emial') } } });
    await assert.rejects(source.readPage({ window: {}, cursor: undefined }), { code: 'REQUEST_REJECTED', message: /Cannot query field "emial"/ });
  });
});

describe('mutations', () => {
  it('are one document: an alias and variables of its own for each record', async (context) => {
    const { graph, target } = await open(context, []);
    const answer = await send(target, 'create', [outgoing('ada@x.test', { name: 'Ada' }), outgoing('bob@x.test')]);
    assert.deepEqual(answer, {
      answer: 'results',
      results: [
        { outcome: 'written', targetId: 'gid://contacts/1' },
        { outcome: 'written', targetId: 'gid://contacts/2' },
      ],
    });
    const [request] = graph.requests;
    assert.equal(graph.requests.length, 1);
    assert.match(request?.query ?? '', /m0: contactCreate\(input: \$m0_input\)[\s\S]*m1: contactCreate\(input: \$m1_input\)/);
    assert.deepEqual(request?.variables, { m0_input: { email: 'ada@x.test', name: 'Ada' }, m1_input: { email: 'bob@x.test' } });
  });

  it('of which some are refused leave the others written, each refusal in its own words', async (context) => {
    const { graph, target } = await open(context, ['bob@x.test']);
    const records = [outgoing('ada@x.test'), outgoing('bob@x.test'), outgoing('nobody'), outgoing('cyd@x.test', { name: 'thrown' }), outgoing('dan@x.test')];
    const answer = await send(target, 'create', records);
    assert.ok(answer.answer === 'results');
    const rejected = (message: string, apiCode: string) => ({ outcome: 'rejected', rejection: { reason: 'api-rejected', message, retry: 'never', apiCode } });
    assert.deepEqual(answer.results, [
      { outcome: 'written', targetId: 'gid://contacts/2' },
      rejected('Email has already been taken', 'TAKEN'),
      rejected('Email is invalid', 'INVALID'),
      rejected('this name is not for you', 'BAD_USER_INPUT'),
      { outcome: 'written', targetId: 'gid://contacts/3' },
    ]);
    assert.equal(graph.contacts.size, 3);
  });

  it('that may have been carried out before they failed are unknown', async (context) => {
    const contacts = { create: { ...CONTACTS.create, graphql: CONTACTS.create.graphql.replace('contact { id }', 'contact { id tags }') } };
    const { graph, target, warnings } = await open(context, [], { contacts });
    const records = ['unreadable', 'crash', 'nothing', 'dan'].map((name) => outgoing(`${name}@x.test`, { name }));
    const answer = await send(target, 'create', records);
    assert.ok(answer.answer === 'results');
    assert.deepEqual(
      answer.results.map(({ outcome }) => outcome),
      ['unknown', 'unknown', 'unknown', 'written'],
    );
    assert.deepEqual(
      [...graph.contacts.values()].map(({ name }) => name),
      ['unreadable', 'dan'],
    );
    assert.match(warnings.join(), /does not say of each mutation what became of it/);
  });

  it('after one whose failure ends the answer are unknown, it is refused', async (context) => {
    const { target } = await open(context, FIVE);
    const records = ['ann', 'thrown', 'cyd'].map((name, index) => outgoing(`${name}@x.test`, { name }, `gid://contacts/${index + 1}`));
    const answer = await send(target, 'update', records);
    assert.ok(answer.answer === 'results');
    assert.deepEqual(
      answer.results.map(({ outcome }) => outcome),
      ['unknown', 'rejected', 'unknown'],
    );
  });

  it('of records that are gone: an update is told so, a delete has what it wanted', async (context) => {
    const { graph, target } = await open(context, ['ada@x.test']);
    const gone = outgoing('gone@x.test', { name: 'G' }, 'gid://contacts/99');
    const there = outgoing('ada@x.test', { name: 'Ada L.' }, 'gid://contacts/1');
    const updated = await send(target, 'update', [gone, there]);
    assert.ok(updated.answer === 'results' && updated.results[0]?.outcome === 'rejected');
    assert.equal(updated.results[0].rejection.reason, 'target-missing');
    assert.equal(graph.contacts.get('gid://contacts/1')?.name, 'Ada L.');
    assert.deepEqual(await send(target, 'delete', [gone, there]), {
      answer: 'results',
      results: [{ outcome: 'written' }, { outcome: 'written', targetId: 'gid://contacts/1' }],
    });
    assert.equal(graph.contacts.size, 0);
  });

  it('that do not fit the schema are refused as a whole, for whoever sends to halve them', async (context) => {
    const { graph, target } = await open(context, []);
    const answer = await send(target, 'create', [outgoing('ada@x.test'), outgoing('bob@x.test', { nickname: 'B' })]);
    assert.ok(answer.answer === 'refused');
    assert.match(answer.rejection.message, /not to include unknown field "nickname"/);
    assert.equal(graph.contacts.size, 0);
  });

  it('are preceded by a search where the target has one', async (context) => {
    const { target } = await open(context, FIVE);
    const found = await target.search(['bob@x.test', 'nobody@x.test']);
    assert.deepEqual(
      [...found].map(([value, hits]) => [value, hits[0]?.id]),
      [['bob@x.test', 'gid://contacts/2']],
    );
  });
});

describe('a budget of points', () => {
  it(
    'is used to its edge, and never provokes a refusal',
    inTime(async (context) => {
      const { graph, source } = await open(context, FIVE, { bucket: { maximum: 20, restoreRate: 40 } });
      const startedAt = performance.now();
      for (let round = 0; round < 3; round++) await readAll(source);
      const spent = graph.requests.reduce((sum, { cost }) => sum + cost, 0);
      assert.equal(graph.throttled, 0);
      // What was not there at the beginning had to come back first; waiting much longer would waste it.
      const leastMs = ((spent - 20) * 1_000) / 40;
      const tookMs = performance.now() - startedAt;
      const told = `${Math.round(tookMs)} ms for ${spent} points, at least ${Math.round(leastMs)} ms`;
      assert.ok(tookMs >= leastMs - 50, told);
      fastEnough(tookMs < leastMs * 4, told);
    }),
  );

  it(
    'that is spent already is waited for as long as the answer lets compute',
    inTime(async (context) => {
      const { graph, source } = await open(context, FIVE, { bucket: { maximum: 10, restoreRate: 20 } });
      await Promise.all([1, 2, 3].map(() => source.readPage({ window: {}, cursor: undefined })));
      fastEnough(graph.throttled > 0, 'before the first answer nobody knows of points');
      assert.equal(graph.requests.length - graph.throttled, 3);
    }),
  );

  it('of a write that was refused for it says how long to wait, and nothing was applied', async (context) => {
    const { graph, target } = await open(context, [], { bucket: { maximum: 25, restoreRate: 10 } });
    const pair = [outgoing('a@x.test'), outgoing('b@x.test')];
    const [first, second] = await Promise.allSettled([send(target, 'create', pair), send(target, 'create', [outgoing('c@x.test'), outgoing('d@x.test')])]);
    const failed = first.status === 'rejected' ? first.reason : second.status === 'rejected' ? second.reason : undefined;
    assert.equal(failed?.code, 'RATE_LIMITED');
    assert.ok(failed.retry.afterMs > 1_000 && failed.retry.afterMs <= 2_000, `${failed.retry.afterMs} ms`);
    assert.equal(graph.contacts.size, 2);
  });
});
