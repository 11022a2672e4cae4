import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { changed, GOOD, linesOf, loadFiles } from './make-project.ts';

const GRAPH = 'connections/graph.yaml';
const TEXT = `connector: generic-rest
profiles:
  dev: { baseUrl: "http://127.0.0.1:4200/graphql", auth: { type: none } }
limits:
  cost: { available: body.left, restoreRate: "50", requested: body.cost }
objects:
  contacts:
    list:
      graphql: |
        query ($first: Int!, $after: String, $since: String) {
          contacts(first: $first, after: $after, since: $since) {
            nodes { id email }
            pageInfo { hasNextPage endCursor }
          }
        }
      variables: { since: "{window.from}" }
      records: data.contacts.nodes
      page: { type: graphql, size: { max: 100 } }
    update:
      graphql: "mutation ($id: ID!, $changes: Change!) { contactUpdate(id: $id, changes: $changes) { contact { id } userErrors { message } } }"
      variables: { id: "{id}", changes: "{fields}" }
      max: 25
      results: { id: contact.id }
`;
const FILES = { ...GOOD, [GRAPH]: TEXT };
const LIST = 'objects.contacts.list';
const UPDATE = 'objects.contacts.update';

describe('a GraphQL object', () => {
  it('without mistakes has none', (test) => assert.deepEqual(linesOf(loadFiles(test, FILES)), []));

  const cases: readonly (readonly [name: string, from: string, to: string, line: string])[] = [
    [
      'a syntax error: it stands at its character, in a text over several lines',
      'nodes { id email }',
      'nodes { id: }',
      `12:25 ${LIST}.graphql: Syntax Error: Expected Name, found "}"`,
    ],
    ['one in quotes: there too', 'contact { id }', 'contact { id ', `20:142 ${UPDATE}.graphql: Syntax Error: Expected Name, found <EOF>`],
    ['an operation of the other kind', 'query ($first', 'mutation ($first', `10:9 ${LIST}.graphql: expected a query, not a mutation`],
    [
      'a write of several fields',
      '{ contactUpdate(',
      '{ ping contactUpdate(',
      `20:56 ${UPDATE}.graphql: a write is a mutation of exactly one field: it is repeated under an alias for each record of a batch`,
    ],
    ['a variable that is not declared', '$since: String', '$sinse: String', `11:57 ${LIST}.graphql: $since is used and not declared, did you mean "sinse"?`],
    [
      'a variable of nothing',
      'variables: { since:',
      'variables: { sinse:',
      `16:20 ${LIST}.variables.sinse: the document declares no $sinse, did you mean "since"?`,
    ],
    [
      'a required variable without a value',
      '{ id: "{id}", changes',
      '{ changes',
      `20:27 ${UPDATE}.graphql: $id is ID!, and has no value: give it one in \`variables\``,
    ],
    [
      'a template that inserts what is not there',
      '"{window.from}"',
      '"{window.form}"',
      `16:27 ${LIST}.variables.since: there is no "window.form" here, did you mean "window.from"?`,
    ],
    [
      'records of the whole batch, where each has variables of its own',
      '"{fields}"',
      '"{records}"',
      `21:41 ${UPDATE}.variables.changes: there is no "records" here, did you mean "record"?`,
    ],
    [
      'a page that cannot be gone on from',
      'pageInfo { hasNextPage endCursor }',
      '',
      `9:16 ${LIST}.graphql: asks for no \`pageInfo { hasNextPage endCursor }\`: the next page could not be found`,
    ],
    [
      'a place of pageInfo that nobody knows',
      'records: data.contacts.nodes',
      'records: data.contacts.items',
      `18:7 ${LIST}.page: \`records\` are no nodes or edges: say with \`pageInfo\` where the answer keeps it`,
    ],
    [
      'a cursor outside of the variables',
      '{ type: graphql, size: { max: 100 } }',
      '{ type: cursor, cursor: data.next, param: after }',
      `18:7 ${LIST}.page: the cursor of a GraphQL list goes into a variable: add "in: variables"`,
    ],
    [
      'a body beside it',
      'max: 25',
      'max: 25\n      body: { a: 1 }',
      `23:7 ${UPDATE}.body: body is of REST: a GraphQL document is the body, and mutations are told apart by their aliases`,
    ],
    [
      'a rule that matches results of REST',
      'results: { id: contact.id }',
      'results: { at: data, id: contact.id }',
      `23:18 ${UPDATE}.results.at: results.at is of REST: a GraphQL document is the body, and mutations are told apart by their aliases`,
    ],
    [
      'another method than POST',
      'max: 25',
      'max: 25\n      put: /graphql',
      `20:7 ${UPDATE}: name exactly one of get, post, put, patch or delete, with its path; or a graphql document`,
    ],
    [
      'variables without a document',
      'graphql: "mutation',
      'post: /x # "mutation',
      `21:7 ${UPDATE}.variables: are of a GraphQL document: there is no \`graphql\` here`,
    ],
    ['a cost that is no expression', 'available: body.left', 'available: "body.left["', `5:33 limits.cost.available: Expected "]" before end of expression`],
    [
      'a name that a cost cannot use',
      'requested: body.cost',
      'requested: bdy.cost',
      `5:63 limits.cost.requested: there is no "bdy" here, did you mean "body"?`,
    ],
  ];
  for (const [name, from, to, line] of cases) {
    it(`cannot have ${name}`, (test) => {
      const lines = linesOf(loadFiles(test, changed({ ...FILES, [GRAPH]: TEXT.replace(from, () => to) })));
      assert.equal(lines.filter((each) => each === `${GRAPH}:${line}`).length, 1, lines.join('\n'));
    });
  }

  it('and a probe is a query', (test) => {
    const api = 'connectors/shop.yaml';
    const probed = (probe: string) => linesOf(loadFiles(test, changed({ [api]: [['objects:', `probe: ${probe}\nobjects:`]] })));
    assert.deepEqual(probed('{ graphql: "{ shop { id } }" }'), []);
    assert.deepEqual(probed('{ graphql: "{ shop { id }" }'), [`${api}:2:33 probe.graphql: Syntax Error: Expected Name, found <EOF>`]);
    assert.deepEqual(probed('{ graphql: "mutation { a }" }'), [`${api}:2:20 probe.graphql: expected a query, not a mutation`]);
    assert.deepEqual(probed('{ get: /me, graphql: "{ me }" }'), [`${api}:2:8 probe: name get, with its path, or a graphql query`]);
  });
});
