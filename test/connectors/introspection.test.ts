import assert from 'node:assert/strict';
import { it, type TestContext } from 'node:test';
import { connect, resolved } from './connect.ts';
import { ContactsGraph } from './contacts-graph.ts';

const CONTACTS = {
  knownFields: ['id', 'email'],
  list: {
    graphql: `
      query ($after: String) {
        contacts(first: 2, after: $after) { nodes { id ...Shown deals(first: 1) { nodes { id } pageInfo { hasNextPage } } } pageInfo { hasNextPage endCursor } }
      }
      fragment Shown on Contact { mail: email name score stage tags address { city country } updatedAt }`,
    records: 'data.contacts.nodes',
    page: { type: 'graphql' },
  },
};
const WRITES = {
  create: { graphql: 'mutation ($input: ContactInput!) { contactCreate(input: $input) { contact { id } } }', variables: { input: '{record}' } },
  update: {
    graphql: 'mutation ($id: ID!, $changes: ContactChange!) { contactUpdate(id: $id, changes: $changes) { contact { id } } }',
    variables: { id: '{id}', changes: "{$merge([fields, { 'name': 'x' }])}" },
  },
};

async function discover(context: TestContext, more: object, hidesSchema = false) {
  const graph = await new ContactsGraph(['ada@x.test']).listen(context);
  graph.hidesSchema = hidesSchema;
  const connection = connect(context, resolved(graph.url, { objects: { contacts: { ...CONTACTS, ...more } } }));
  return connection.discover?.fields('contacts');
}

it('what a list asks for has the types of the schema, however deeply they are wrapped', async (context) => {
  assert.deepEqual(await discover(context, {}), {
    origin: 'introspection',
    facts: [
      { name: 'id', type: 'string' },
      { name: 'mail', type: 'string' },
      { name: 'name', type: 'string' },
      { name: 'score', type: 'integer' },
      { name: 'stage', type: 'enum', values: ['LEAD', 'CUSTOMER'] },
      { name: 'tags', type: 'json' },
      { name: 'address.city', isNested: true, type: 'string' },
      { name: 'address.country', isNested: true, type: 'string' },
      { name: 'updatedAt', type: 'datetime' },
      { name: 'deals', type: 'json' },
    ],
  });
});

it('what no write takes is read-only, and what a new record cannot be without is required', async (context) => {
  const { facts = [] } = (await discover(context, WRITES)) ?? {};
  const named = (test: (one: (typeof facts)[number]) => boolean) => facts.filter(test).map(({ name }) => name);
  assert.deepEqual(
    named(({ isReadOnly }) => isReadOnly === true),
    ['id', 'mail', 'updatedAt', 'deals'],
  );
  assert.deepEqual(
    named(({ isRequired }) => isRequired === true),
    ['email'],
  );
  assert.deepEqual(facts.at(-1), { name: 'email', type: 'string', isRequired: true }, 'what only writes know by this name comes last');
});

it('an API that hides its schema is known by what the definition says', async (context) => {
  const told = await discover(context, {}, true);
  assert.equal(told?.origin, 'manifest');
  assert.deepEqual(
    told?.facts.map(({ name }) => name),
    ['id', 'email'],
  );
});
