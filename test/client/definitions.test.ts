import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import { Readable, Writable } from 'node:stream';
import { after, before, describe, test } from 'node:test';
import { z } from 'zod';
import { Cli } from '../../client/cli.ts';
import { globalFlagsSchema } from '../../client/flags.ts';
import { tellDefinitions } from '../../client/programs/tell-dev.ts';
import type { Mistake } from '../../definition/mistake.ts';
import { TestProject, TOKEN } from './test-project.ts';

describe('check and schema', { concurrency: 4 }, () => {
  const projects: TestProject[] = [];
  const make = (files?: Readonly<Record<string, string>>) => {
    const project = new TestProject(files);
    projects.push(project);
    return project;
  };
  let server: Server;
  let url = '';

  before(async () => {
    server = createServer((request, response) => {
      const isAllowed = request.headers.authorization === `Bearer ${TOKEN}` || request.url?.startsWith('/crm/v3/') === true;
      response.writeHead(isAllowed ? 200 : 401, { 'content-type': 'application/json' });
      const records = [
        { id: '1', mail: 'ada@x.test' },
        { id: '2', first_name: 'Grace' },
      ];
      response.end(JSON.stringify(isAllowed ? { data: records, results: [] } : { message: `${request.headers.authorization} is not known` }));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    url = `http://127.0.0.1:${address.port}`;
  });
  after(() => {
    server.close();
    for (const project of projects) project.remove();
  });

  test('a good project passes', async () => {
    const { code, stdout, stderr } = await make().cli(['check']);
    assert.deepEqual([code, stdout, stderr], [0, '✓ acme on dev: 1 sync, no mistakes\n', '']);
  });

  test('records are not compared where nothing is kept of what was told', async () => {
    const { code, stderr } = await make({ 'syncline.yaml': 'name: acme\nvalues: hashed\n' }).cli(['reconcile', 'contacts-to-hubspot']);
    assert.equal(code, 3);
    assert.match(stderr, /Records of contacts-to-hubspot cannot be compared: `values: hashed` .+ with --counts/);
  });

  test('every mistake is told at once, with its place, and the exit code is 3', async () => {
    const project = make({
      'syncs/contacts-to-hubspot.yaml':
        'source: { connection: crm, object: contacts }\ntarget: { connection: hubspot, object: contacts, matchOn: email }\nmapping:\n  email: { form: mail }\n',
      '.env': '',
    });
    const { code, stdout } = await project.cli(['check']);
    assert.equal(code, 3);
    assert.match(stdout, /syncs\/contacts-to-hubspot\.yaml:4:12 mapping\.email[^ ]*: unknown key "form"/);
    assert.match(stdout, /connections\/crm\.yaml:5:\d+ .*CRM_TOKEN is not set/);
    const asJson = await project.cli(['check', '--json']);
    assert.equal(asJson.code, 3);
    const document = z
      .object({ isValid: z.literal(false), mistakes: z.array(z.object({ file: z.string(), line: z.number() })) })
      .parse(JSON.parse(asJson.stdout));
    assert.ok(document.mistakes.length >= 3);
  });

  test('while developing, warnings are told, and are no mistakes', () => {
    const said: string[] = [];
    const sink = () => new Writable({ write: (chunk, _, done) => done(void said.push(String(chunk))) });
    const shell = { stdin: Readable.from([]), stdout: sink(), stderr: sink(), env: {}, directory: '.', onInterrupt: () => undefined };
    const cli = new Cli(globalFlagsSchema.parse({ color: false }), shell);
    const place = { file: 'syncs/a.yaml', line: 3, column: 7, path: 'target.object', kind: 'definition' } as const;
    const [warning, error] = [{ ...place, message: 'no search', severity: 'warning' } as const, { ...place, message: 'no create', severity: 'error' } as const];
    const toldOf = (mistakes: readonly Mistake[]) => {
      tellDefinitions(cli, { syncNames: ['a'], mistakes });
      return said.splice(0).join('');
    };
    const warned = '  syncs/a.yaml:3:7 warning target.object: no search\n';
    assert.equal(toldOf([]), '✓ Definitions  1 sync, no mistakes\n');
    assert.equal(toldOf([warning]), `✓ Definitions  1 sync, no mistakes, 1 warning\n${warned}`);
    assert.equal(toldOf([error, warning]), `✗ 1 mistake in the definitions\n  syncs/a.yaml:3:7 target.object: no create\n${warned}`);
  });

  test('a run with mistakes in its definition does not start: all of them, no stack trace, exit code 3', async () => {
    const project = make({
      'syncs/contacts-to-hubspot.yaml':
        'source: { connection: crmm, object: contacts }\ntarget: { connection: hubspot, object: contacts, matchOn: email }\nmapping: { email: mail }\n',
    });
    const { code, stdout, stderr } = await project.cli(['run', 'contacts-to-hubspot']);
    assert.deepEqual([code, stdout], [3, '']);
    assert.match(stderr, /^✗ 1 mistake in the definitions\.\n {2}syncs\/contacts-to-hubspot\.yaml:1:\d+ /);
    assert.doesNotMatch(stderr, /\n\s+at /);
  });

  test('--live tries the credentials and reads a page of each source', async () => {
    const { code, stdout, stderr } = await make().cli(['check', '--live'], { CRM_URL: url, HUBSPOT_URL: url });
    assert.equal(code, 0, stdout + stderr);
    assert.match(stdout, /✓ crm contacts +2 records on the first page\n +id, mail, first_name\n/);
  });

  test('--live ends with 6 where credentials are refused, with 5 where nobody answers, and never prints a secret', async () => {
    const project = make();
    const refused = await project.cli(['check', '--live'], { CRM_URL: url, HUBSPOT_URL: url, CRM_TOKEN: 'another-secret-token' });
    assert.equal(refused.code, 6, refused.stdout + refused.stderr);
    assert.match(refused.stdout, /✗ crm +crm refused the credentials/);
    assert.doesNotMatch(refused.stdout + refused.stderr, /another-secret-token/);
    const unreachable = await project.cli(['check', '--live']);
    assert.equal(unreachable.code, 5, unreachable.stdout + unreachable.stderr);
  });

  test('--live finds what the systems do not have, at its place in the file, and ends with 3', async () => {
    const results = [
      { name: 'email', label: 'Email', type: 'string', fieldType: 'text' },
      { name: 'firstname', label: 'First', type: 'string', fieldType: 'text', modificationMetadata: { readOnlyValue: true } },
    ];
    const hubspot = createServer((_request, response) => void response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ results })));
    await new Promise<void>((resolve) => hubspot.listen(0, '127.0.0.1', resolve));
    const address = hubspot.address();
    const env = { CRM_URL: url, HUBSPOT_URL: `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}` };
    const project = make();
    const { code, stdout } = await project.cli(['check', '--live'], env);
    const { isValid, mistakes } = z
      .object({ isValid: z.boolean(), mistakes: z.array(z.object({ line: z.number(), path: z.string(), severity: z.string() })) })
      .parse(JSON.parse((await project.cli(['check', '--live', '--json'], env)).stdout));
    hubspot.close();
    assert.equal(code, 3, stdout);
    assert.match(stdout, /✓ hubspot contacts +tells 3 fields\n/);
    assert.match(stdout, /✗ 2 mistakes, 1 warning by what the systems tell of their fields\n/);
    assert.match(stdout, /syncs\/contacts-to-hubspot\.yaml:5:3 mapping\.firstname: "firstname" of hubspot contacts is read-only/);
    assert.match(stdout, /:6:3 mapping\.phone: hubspot contacts has no field "phone"/);
    assert.match(stdout, /:6:18 warning mapping\.phone\.from: no record of the first page of crm contacts has "phone"/);
    assert.equal(isValid, false);
    assert.deepEqual(
      mistakes.map(({ line, severity }) => [line, severity]),
      [
        [5, 'error'],
        [6, 'error'],
        [6, 'warning'],
      ],
    );
  });

  test('schema prints JSON Schema, of one kind or of all', async () => {
    const project = make();
    const one = await project.cli(['schema', 'sync']);
    assert.equal(z.looseObject({ $schema: z.string() }).parse(JSON.parse(one.stdout)).$schema, 'https://json-schema.org/draft/2020-12/schema');
    const all = await project.cli(['schema']);
    assert.deepEqual(Object.keys(z.record(z.string(), z.unknown()).parse(JSON.parse(all.stdout))), ['syncline', 'connection', 'sync', 'connector']);
    const none = await project.cli(['schema', 'conection']);
    assert.deepEqual(
      [none.code, none.stderr],
      [2, '✗ There is no schema of "conection" (did you mean "connection"?). There are: syncline, connection, sync, connector.\n'],
    );
  });
});
