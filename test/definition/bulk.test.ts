import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { changed, linesOf, loadFiles } from './make-project.ts';

const BULK = {
  create: '{ post: /jobs, body: { rows: "{records}" } }',
  poll: '{ get: "/jobs/{job}", done: [done] }',
  results: '[{ get: "/jobs/{job}/rows", by: ref, key: ref, status: status }]',
};

/** What `check` says of an upsert by such jobs. */
function told(context: TestContext, bulk: Readonly<Record<string, string>>, beside = ''): readonly string[] {
  const keys = Object.entries({ ...BULK, ...bulk }).map(([key, value]) => `        ${key}: ${value}\n`);
  const connector = `baseUrl: https://shop.test/v1
objects:
  people:
    upsert:${beside}
      bulk:
${keys.join('')}  owners:
    list: { get: /owners, records: data }
`;
  return linesOf(loadFiles(context, changed({ 'connectors/shop.yaml': connector })));
}

describe('jobs in a connector', () => {
  it('are right as documented', (context) => {
    assert.deepEqual(told(context, {}), []);
  });

  const mistakes: readonly (readonly [what: string, bulk: Readonly<Record<string, string>>, message: RegExp])[] = [
    ['an upload that nothing begins', { upload: '{ put: "/jobs/{job}" }' }, /connectors\/shop\.yaml:6:\d+ .*upload and close go together/],
    ['a job without its records', { create: '{ post: /jobs }' }, /connectors\/shop\.yaml:6:\d+ .*insert \{records\} in its body/],
    [
      'a name that a poll does not have',
      { poll: '{ get: "/jobs/{jobb}", done: [done] }' },
      /connectors\/shop\.yaml:7:\d+ .*there is no "jobb" here.*did you mean "?job/i,
    ],
    ['results by something unnamed', { results: '[{ get: "/jobs/{job}/rows", by: id, outcome: written }]' }, /name in `key` where a result has its id/],
    ['results that tell nothing', { results: '[{ get: "/jobs/{job}/rows" }]' }, /say by `outcome` what all of these are/],
    ['an expression that is none', { results: '[{ get: "/r/{job}", by: ref, key: "ref(", outcome: written }]' }, /connectors\/shop\.yaml:8:\d+ .*key/],
    [
      'a file beside an upload',
      { create: '{ post: /jobs, file: { part: f } }', upload: '{ put: "/{job}" }', close: '{ post: "/{job}" }' },
      /:6:\d+ .*not with both/,
    ],
    [
      'records in the parts beside a file',
      { create: '{ post: /jobs, file: { part: f }, body: { rows: "{records}" } }' },
      /:6:\d+ .*there is no "records" here/,
    ],
    ['counts that cannot be read', { unlisted: '{ taken: "rows(", written: rows }' }, /connectors\/shop\.yaml:9:\d+ .*taken/],
    ['what a job cannot clear, without a request', { clears: 'false' }, /connectors\/shop\.yaml:\d+:\d+ .*what a job cannot clear goes by a request/],
    [
      'the next page of results',
      { results: '[{ get: "/r/{job}", by: ref, key: ref, outcome: written, page: { type: cursor, cursor: "a(", param: p } }]' },
      /:8:\d+ .*cursor/,
    ],
    ['a typing mistake', { polls: '{}' }, /polls.*did you mean/i],
  ];
  for (const [what, bulk, message] of mistakes) {
    it(`${what} is told where it stands`, (context) => {
      assert.match(told(context, bulk).join('\n'), message);
    });
  }

  it('a sync that asks for jobs has a target that takes some', (context) => {
    const project = changed({ 'syncs/contacts.yaml': [['matchOn: email', 'matchOn: email, bulk: true']] });
    assert.match(linesOf(loadFiles(context, project)).join('\n'), /syncs\/contacts\.yaml:\d+:\d+ target\.bulk: people is not written by jobs/);
  });

  it('an export takes the place of the request of a list, and is asked for a window like one', (context) => {
    const list = `list:
      export:
        create: { post: /exports, body: { since: "{window.from}" } }
        poll: { get: "/exports/{job}", done: [done] }
        download: { get: "/exports/{job}/file" }
`;
    const of = (text: string) =>
      linesOf(
        loadFiles(
          context,
          changed({
            'connections/crm.yaml': `connector: generic-rest\nshared: true\nbaseUrl: http://127.0.0.1:4100\nobjects:\n  contacts:\n    ${text}`,
            'syncs/contacts.yaml': [['object: contacts }', 'object: contacts, incremental: { cursorField: updated_at } }']],
          }),
        ),
      );
    assert.deepEqual(of(list), []);
    assert.match(of(list.replace('body: { since: "{window.from}" }', 'body: {}')).join('\n'), /contacts is listed whole each time/);
    assert.match(of(`${list}      get: /contacts\n`).join('\n'), /an `export` has requests of its own: take the other one away/);
  });

  it('any object of a connector that describes any is known by its name', (context) => {
    const connector = (name: string) => `baseUrl: https://shop.test/v1
objects:
  "${name}":
    upsert: { put: "/{object}/{match}" }
  owners:
    list: { get: /owners, records: data }
`;
    assert.deepEqual(linesOf(loadFiles(context, changed({ 'connectors/shop.yaml': connector('*') }))), []);
    assert.match(linesOf(loadFiles(context, changed({ 'connectors/shop.yaml': connector('any') }))).join('\n'), /has no object "people"/);
  });
});
