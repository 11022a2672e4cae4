import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { Project } from '../support/project.ts';
import { until } from '../support/until.ts';

const JSON_SERVER = fileURLToPath(new URL('../../node_modules/.bin/json-server', import.meta.url));
const PEOPLE = 37;
const contactsSchema = z.array(z.object({ id: z.number(), email: z.string(), name: z.string() }));

const folder = mkdtempSync(join(tmpdir(), 'syncline-foreign-'));
let server: ChildProcess;
let url: string;
let project: Project;

before(async () => {
  const people = Array.from({ length: PEOPLE }, (_, index) => ({ id: index + 1, mail: `p${index + 1}@example.test`, full: `Person ${index + 1}` }));
  // One contact is there already, made by other hands: it is to be adopted, not doubled.
  writeFileSync(join(folder, 'db.json'), JSON.stringify({ people, contacts: [{ id: 900, email: 'p3@example.test', name: 'Old name' }] }));
  const port = await freePort();
  url = `http://127.0.0.1:${port}`;
  server = spawn(process.execPath, [JSON_SERVER, '--host', '127.0.0.1', '--port', String(port), '--quiet', join(folder, 'db.json')], { stdio: 'ignore' });
  await until('json-server to answer', () =>
    fetch(`${url}/people`).then(
      (answer) => answer.ok,
      () => false,
    ),
  );
  project = await Project.create(definitions(url));
  await project.startWorker();
});
after(async () => {
  await project.stop();
  server.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

test('a server that is not ours is read by pages and written by single creates, none of them doubled', async () => {
  const run = await project.cli('run', 'people-to-contacts', '--yes');
  assert.equal(run.code, 0, run.stdout + run.stderr);
  const contacts = contactsSchema.parse(await (await fetch(`${url}/contacts`)).json());
  assert.equal(contacts.length, PEOPLE);
  assert.equal(new Set(contacts.map((contact) => contact.email)).size, PEOPLE);
  assert.deepEqual(
    contacts.find((contact) => contact.id === 900),
    { id: 900, email: 'p3@example.test', name: 'Person 3' },
  );
});

test('a change at its source is an update by id', async () => {
  await fetch(`${url}/people/5`, { method: 'PATCH', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ full: 'Renamed' }) });
  const run = await project.cli('run', 'people-to-contacts', '--yes', '--json');
  assert.equal(run.code, 0, run.stdout + run.stderr);
  const contacts = contactsSchema.parse(await (await fetch(`${url}/contacts`)).json());
  assert.equal(contacts.length, PEOPLE);
  assert.equal(contacts.find((contact) => contact.email === 'p5@example.test')?.name, 'Renamed');
});

function definitions(baseUrl: string): Readonly<Record<string, string>> {
  return {
    'connections/foreign.yaml': `
connector: generic-rest
shared: true
baseUrl: ${baseUrl}
objects:
  people:
    list:
      get: /people
      records: $
      page: { type: page, param: _page, size: { param: _limit, max: 10 }, total: "headers.'x-total-count'" }
    get: { get: "/people/{id}" }
  contacts:
    list: { get: /contacts, records: $ }
    search: { get: /contacts, query: { email: "{key}" }, records: $, max: 1 }
    create: { post: /contacts, applyDelay: 1s }
    update: { patch: "/contacts/{id}" }
`,
    'syncs/people-to-contacts.yaml': `
source: { connection: foreign, object: people }
target: { connection: foreign, object: contacts, matchOn: email }
mapping:
  email: { from: mail, type: email, required: true }
  name: full
`,
  };
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

test('json-server keeps what it was told', () => {
  assert.match(readFileSync(join(folder, 'db.json'), 'utf8'), /Renamed/);
});
