import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import { runCommandLine } from '../support/command-line.ts';
import { DESK_TOKEN, serveDesk } from '../support/desk.ts';
import { Terminal } from '../support/terminal.ts';

function makeProject(context: TestContext) {
  const directory = mkdtempSync(join(tmpdir(), 'syncline-connector-'));
  context.after(() => rmSync(directory, { recursive: true, force: true }));
  writeFileSync(join(directory, 'syncline.yaml'), 'name: acme\ndefaultProfile: dev\n');
  return {
    directory,
    file: (name: string) => readFileSync(join(directory, name), 'utf8'),
    cli: (words: readonly string[], env: Readonly<Record<string, string>> = {}) => runCommandLine(words, { directory, env: { NO_COLOR: '1', ...env } }),
  };
}

const DESCRIPTION = `openapi: 3.0.0
info: { title: Acme }
paths:
  /contacts: { get: &list { responses: { 200: { content: { application/json: { schema: { type: array, items: { $ref: "parts.yaml#/Contact" } } } } } } } }
  /orders:
    get:
      parameters: [{ name: X-Tenant, in: header, required: true, schema: { type: string, example: "4711" } }, { name: kind, in: query, required: true, schema: { enum: ["{all}"] } }]
      responses: { 200: { content: { application/json: { schema: { type: object, properties: { Orders: { type: array, items: { $ref: "parts.yaml#/Order" } } } } } } } }
  /orders/{OrderID}:
    get: { responses: { 200: { content: { application/json: { schema: { type: object, properties: { page: { type: object }, Orders: { type: array, items: { $ref: "parts.yaml#/Order" } } } } } } } } }
  /reports: { get: { parameters: [{ name: account, in: query, required: true, schema: { type: string } }], responses: { 200: { content: { application/json: { schema: { type: array, items: { type: object } } } } } } } }
`;
const PARTS =
  'Contact: { type: object, properties: { uuid: { type: string }, "first name": { type: string } } }\nOrder: { type: object, properties: { OrderID: { type: string }, Total: { type: number } } }\n';

describe('connector new', () => {
  it('connects an API by a curl command: it asks once, keeps the secret out of every file, and the connector reads', async (context) => {
    const desk = await serveDesk(context, { tickets: 100 });
    const project = makeProject(context);
    const curl = `curl '${desk.url}/v1/tickets?limit=30&sort=id' -H 'Authorization: Bearer ${DESK_TOKEN}' -H 'User-Agent: x'`;
    const made = await project.cli(['connector', 'new', 'desk', '--curl', curl, '--live']);
    assert.equal(made.code, 0, made.stderr);
    assert.deepEqual(desk.asked, ['GET /v1/tickets?limit=30&sort=id']);
    assert.match(made.stdout, /Put into \.env:\n\n {2}DESK_TOKEN=\n/);
    const manifest = project.file('connectors/desk.yaml');
    assert.doesNotMatch(manifest + project.file('connections/desk.yaml') + made.stdout + made.stderr, /4711/);
    assert.match(manifest, /page: \{ type: cursor, cursor: meta\.next_cursor, param: cursor, size: \{ param: limit, max: 30 \} \} # guessed: /);
    assert.match(manifest, /query:\n {8}sort: id\n/);
    writeFileSync(join(project.directory, '.env'), `DESK_TOKEN=${DESK_TOKEN}\n`);
    const checked = await project.cli(['check']);
    assert.equal(checked.code, 0, checked.stdout);
  });

  it('without --live asks nobody, and says what it did not see', async (context) => {
    const desk = await serveDesk(context, { tickets: 1 });
    const project = makeProject(context);
    const made = await project.cli(['connector', 'new', 'desk', '--curl', `curl ${desk.url}/v1/tickets`]);
    assert.equal(made.code, 0, made.stderr);
    assert.deepEqual(desk.asked, []);
    assert.match(project.file('connectors/desk.yaml'), /records: \$ # guessed: the API was not asked – review/);
  });

  it('writes nothing where the API refuses the command, or answers with no list', async (context) => {
    const desk = await serveDesk(context, { tickets: 1 });
    const project = makeProject(context);
    const refused = await project.cli(['connector', 'new', 'desk', '--curl', `curl ${desk.url}/v1/tickets`, '--live']);
    assert.match(refused.stderr, /answers it with 401: try the command itself first\./);
    const one = await project.cli(['connector', 'new', 'desk', '--curl', `curl ${desk.url}/v1/tickets/1 --oauth2-bearer ${DESK_TOKEN}`, '--live']);
    assert.match(one.stderr, /Its answer holds no list of records/);
    assert.ok(!existsSync(join(project.directory, 'connectors')));
  });

  it('reads a description in YAML from files that refer to each other, and takes the objects that are named', async (context) => {
    const project = makeProject(context);
    writeFileSync(join(project.directory, 'acme.yaml'), DESCRIPTION);
    writeFileSync(join(project.directory, 'parts.yaml'), PARTS);
    const words = ['connector', 'new', 'acme', '--openapi', 'acme.yaml'];
    assert.match((await project.cli(words)).stderr, /does not say where its API is: pass --base-url https:\/\/…/);
    const wrong = await project.cli([...words, '--base-url', 'https://api.acme.test', '--objects', 'people']);
    assert.match(wrong.stderr, /has no object "people"\. It has: contacts, orders, reports\./);
    const made = await project.cli([...words, '--base-url', 'https://api.acme.test', '--objects', 'contacts,reports', '--json']);
    assert.equal(made.code, 0, made.stdout);
    const { objects, leftOut, files, mistakes } = JSON.parse(made.stdout);
    assert.deepEqual(
      { objects, leftOut, files, mistakes },
      {
        objects: ['contacts'],
        leftOut: [{ path: '/reports', why: 'it needs the query parameter "account", which only you know' }],
        files: ['connectors/acme.yaml', 'connections/acme.yaml'],
        mistakes: [],
      },
    );
    assert.match(project.file('connectors/acme.yaml'), /^openapi: acme\.yaml$/m);
    assert.match(project.file('connectors/acme.yaml'), /primaryKey: uuid # guessed.*\n {4}knownFields: \[uuid, first name\]\n/);
    assert.match((await project.cli(words)).stderr, /connectors\/acme\.yaml is there already/);
    const orders = await project.cli(['connector', 'new', 'shop', '--openapi', 'acme.yaml', '--base-url', 'https://shop.test', '--objects', 'orders']);
    assert.equal(orders.code, 0, orders.stdout);
    assert.match(orders.stdout, /Put into \.env:\n\n {2}SHOP_X_TENANT=\n/);
    assert.match(
      project.file('connectors/shop.yaml'),
      /X-Tenant: "?\$\{env:SHOP_X_TENANT\}"? # guessed: the list needs it, and only you know it – review\n {6}query:\n {8}kind: "\{\{all\}\}"/,
    );
    assert.match(project.file('connectors/shop.yaml'), /primaryKey: OrderID.*[\s\S]*record: Orders\[0\] #/);
  });

  it('asks in a terminal what it was not told, until the answer is one, and never for a secret', async (context) => {
    const project = makeProject(context);
    const main = fileURLToPath(new URL('../../client/main.ts', import.meta.url));
    const terminal = await Terminal.start([process.execPath, main, 'connector', 'new', 'acme'], {
      cwd: project.directory,
      env: { ...process.env, NO_COLOR: '1' },
    });
    context.after(() => terminal.stop());
    const answers = [
      [/Where is the API\?.*: $/, 'acme'],
      [/That is no address.*\s+Where is the API\?.*: $/, 'https://api.acme.test/v2/'],
      [/How do you sign in\?.*: $/, 'api-key'],
      [/which header\? $/, 'X-Key'],
      [/The path of a list.*: $/, '/crm/contacts?archived=false'],
    ] as const;
    for (const [question, answer] of answers) {
      await terminal.until(String(question), () => question.test(stripVTControlCharacters(terminal.said).trimEnd().concat(' ')));
      terminal.press(`${answer}\r`);
    }
    assert.equal(await terminal.ended(), 0, terminal.said);
    const manifest = project.file('connectors/acme.yaml');
    assert.match(manifest, /baseUrl: https:\/\/api\.acme\.test\/v2\nauth: \{ type: api-key, in: header, name: X-Key, key: "\$\{secret:ACME_KEY\}" \}/);
    assert.match(manifest, /get: \/crm\/contacts\n {6}query:\n {8}archived: "?false"?\n {6}records: \$ # guessed/);
  });

  it('says in a sentence what is no description, and what it was not told', async (context) => {
    const project = makeProject(context);
    writeFileSync(join(project.directory, 'other.yaml'), 'asyncapi: 3.0.0\n');
    const other = await project.cli(['connector', 'new', 'acme', '--openapi', 'other.yaml']);
    assert.equal(other.code, 3);
    assert.match(other.stderr, /other\.yaml (?:is no description that is known here|cannot be read as a description)/);
    assert.match((await project.cli(['connector', 'new', 'acme', '--openapi', 'gone.yaml'])).stderr, /gone\.yaml cannot be read as a description of an API/);
    const untold = await project.cli(['connector', 'new', 'acme']);
    assert.equal(untold.code, 2);
    assert.match(untold.stderr, /✗ Say what the API is known by: --openapi FILE, or --curl COMMAND\. In a terminal, without either, you are asked\.\n/);
    assert.match(
      (await project.cli(['connector', 'new', 'a b', '--curl', 'curl a.test'])).stderr,
      /name: a name has letters.* See "syncline connector new --help"\./,
    );
    assert.match((await project.cli(['connector', 'nwe'])).stderr, /Unknown command "nwe". Did you mean new\?/);
  });
});
