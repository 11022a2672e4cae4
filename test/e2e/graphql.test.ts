import assert from 'node:assert/strict';
import { it, type TestContext } from 'node:test';
import { ContactsGraph } from '../connectors/contacts-graph.ts';
import { Project } from '../support/project.ts';
import { SmallApi } from '../support/small-api.ts';
import { until } from '../support/until.ts';

const PEOPLE = 240;

const connections = (rest: string, graph: string) => ({
  'connections/small.yaml': `
connector: generic-rest
shared: true
baseUrl: ${rest}
objects:
  people:
    list: { get: /people, records: $, page: { type: keyset, key: id, param: after } }
  contacts:
    upsert: { post: /contacts/batch, max: 50, body: { items: "{records}" }, results: { at: results, id: id, error: error, status: status } }
`,
  'connections/graph.yaml': `
connector: generic-rest
shared: true
baseUrl: ${graph}
limits: { concurrency: 2 }
timeouts: { request: 2s }
applyDelay: 100ms
objects:
  contacts:
    list:
      graphql: |
        query ($first: Int!, $after: String) {
          contacts(first: $first, after: $after) { nodes { id email name } pageInfo { hasNextPage endCursor } }
        }
      records: data.contacts.nodes
      page: { type: graphql, size: { max: 50 } }
    search:
      graphql: "query ($emails: [String!]) { contacts(first: 200, emails: $emails) { nodes { id email name } } }"
      variables: { emails: "{keys}" }
      records: data.contacts.nodes
    create:
      graphql: "mutation ($input: ContactInput!) { contactCreate(input: $input) { contact { id } userErrors { message code } } }"
      variables: { input: "{fields}" }
      max: 10
      results: { id: contact.id }
    update:
      graphql: "mutation ($id: ID!, $changes: ContactChange!) { contactUpdate(id: $id, changes: $changes) { contact { id } userErrors { message code } } }"
      variables: { id: "{id}", changes: { name: "{fields.name}" } }
      max: 10
      results: { id: contact.id }
`,
});
const SYNCS = {
  'syncs/to-graph.yaml': `
source: { connection: small, object: people }
target: { connection: graph, object: contacts, matchOn: email }
mapping: { email: mail, name: name }
`,
  'syncs/to-rest.yaml': `
source: { connection: graph, object: contacts }
target: { connection: small, object: contacts, matchOn: email }
mapping: { email: email, name: name }
`,
};

async function start(context: TestContext) {
  const api = await SmallApi.start(PEOPLE);
  context.after(() => api.stop());
  const graph = await new ContactsGraph([]).listen(context);
  const project = await Project.create({ ...connections(api.url, graph.url), ...SYNCS });
  context.after(() => project.stop());
  return { api, graph, project };
}

it('REST to GraphQL, and back: a worker killed between batches of mutations loses nothing and doubles nothing', async (context) => {
  const { api, graph, project } = await start(context);
  api.people.set(7, { id: 7, mail: 'nobody', name: 'No One', updated_at: '2026-01-01T00:00:00Z' });
  graph.latencyMs = 100;
  const first = await project.startWorker();
  const running = project.cli('run', 'to-graph', '--yes');
  await until('some contacts to be created', () => Promise.resolve(graph.contacts.size > 40));
  first.child.kill('SIGKILL');
  const before = graph.contacts.size;
  await project.startWorker();
  const { code, stdout, stderr } = await running;
  assert.equal(code, 0, stdout + stderr);
  assert.ok(before < PEOPLE - 1, `all ${before} were created before the kill`);
  const emails = [...graph.contacts.values()].map(({ email }) => email);
  assert.deepEqual([emails.length, new Set(emails).size], [PEOPLE - 1, PEOPLE - 1]);
  assert.match((await project.cli('errors', 'to-graph')).stdout, /Email is invalid/);

  graph.latencyMs = 0;
  api.change(8, 'Renamed', 1);
  const again = await project.cli('run', 'to-graph', '--yes');
  assert.equal(again.code, 0, again.stdout + again.stderr);
  assert.deepEqual(
    [graph.contacts.size, graph.contacts.get([...graph.contacts].find(([, { email }]) => email === 'p8@example.test')?.[0] ?? '')?.name],
    [PEOPLE - 1, 'Renamed'],
  );

  const back = await project.cli('run', 'to-rest', '--yes');
  assert.equal(back.code, 0, back.stdout + back.stderr);
  assert.equal(api.contacts.size, PEOPLE - 1);
  assert.equal(api.contacts.get('p8@example.test')?.name, 'Renamed');
});
