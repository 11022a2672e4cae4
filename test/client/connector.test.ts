import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { z } from 'zod';
import { TestProject } from './test-project.ts';

const ACME = `
baseUrl: https://api.acme.test
objects:
  contacts:
    list: { get: /contacts, records: data }
    create: { post: /contacts }
examples:
  - object: contacts
    of: list
    link: https://acme.test/docs
    exchanges: [{ request: GET /contacts, answer: { data: [{ id: 1 }] } }]
    keys: ["1"]
`;

const projects: TestProject[] = [];
after(() => {
  for (const project of projects) project.remove();
});
const make = (connector: string) => {
  const project = new TestProject({ 'connectors/acme.yaml': connector });
  projects.push(project);
  return project;
};

test("a project's own connector is tried: what passed, what is open and why; exit code 0", async () => {
  const { code, stdout } = await make(ACME).cli(['connector', 'test', 'acme']);
  assert.equal(code, 0, stdout);
  assert.match(stdout, /^contacts\n {2}✓ schema .*\n {2}✓ read +empty · one page · unknown fields\n/m);
  assert.match(stdout, /– create +idempotency key: the connector does not say whether the API takes/);
  assert.match(stdout, /\n✓ acme: \d+ rows passed, \d+ open\n$/);
});

test('a connector that does not read what is documented is red: the sentence says where, and the exit code is 1', async () => {
  const project = make(ACME.replace('records: data', 'records: items'));
  const { code, stdout } = await project.cli(['connector', 'test', 'acme']);
  assert.equal(code, 1);
  assert.match(stdout, /✗ examples +list, as documented: acme\.contacts\.list: the records path "items" finds nothing/);
  assert.match(stdout, /✗ acme: \d+ rows passed, 1 failed, /);
  const asJson = await project.cli(['connector', 'test', 'acme', '--json']);
  assert.equal(asJson.code, 1);
  const document = z
    .object({ connector: z.literal('acme'), failed: z.literal(1), rows: z.array(z.object({ operation: z.string(), name: z.string(), verdict: z.string() })) })
    .parse(JSON.parse(asJson.stdout));
  assert.ok(document.rows.some(({ operation, verdict }) => operation === 'examples' && verdict === 'failed'));
});

test('a file with mistakes is red with their place, and an unknown name is told what is there', async () => {
  const project = make(ACME.replace('records: data', 'record: data'));
  const { code, stdout } = await project.cli(['connector', 'test', 'acme']);
  assert.equal(code, 1);
  assert.match(stdout, /✗ schema +the file: connectors\/acme\.yaml:\d+:\d+ .*unknown key "record"/);
  const unknown = await project.cli(['connector', 'test', 'hubspt']);
  assert.equal(unknown.code, 2);
  assert.match(unknown.stderr, /There is no connector "hubspt" \(did you mean "hubspot"\?\)\. There are: acme, /);
});
