import assert from 'node:assert/strict';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { it } from 'node:test';
import { TestProject } from './test-project.ts';

it('from a file into a table: proposed by the header and the catalogue, written, and right by check --live', async (context) => {
  const project = new TestProject({
    'connections/inbox.yaml': 'connector: files\nshared: true\nobjects:\n  people: { file: { path: people.csv } }\n',
    'connections/house.yaml': 'connector: sqlite\nshared: true\ndatabase: house.db\nobjects:\n  people: { table: { name: people, syncedAt: synced_at } }\n',
    'syncs/people.yaml':
      'source: { connection: inbox, object: people }\ntarget: { connection: house, object: people, matchOn: email }\nmapping:\n  email: mail\n',
    'people.csv': 'id,mail,Vorname,Nachname,plz\n1,ann@example.test,Ann,Archer,89073\n',
  });
  context.after(() => project.remove());
  // Its systems are not there, and are tried for seconds.
  rmSync(join(project.directory, 'syncs/contacts-to-hubspot.yaml'));
  const database = new DatabaseSync(join(project.directory, 'house.db'));
  database.exec('CREATE TABLE people (email text PRIMARY KEY, first_name text, last_name text NOT NULL, zip text, synced_at text NOT NULL)');
  database.close();
  const before = await project.cli(['check', '--live', '--json']);
  const { mistakes } = JSON.parse(before.stdout);
  assert.deepEqual(
    [before.code, mistakes.map(({ file, message }: Record<string, unknown>) => [file, message])],
    [3, [['syncs/people.yaml', 'nothing maps "last_name", without which house people takes no new record']]],
  );
  const { code, stdout, stderr } = await project.cli(['automap', 'people', '--write', '--yes']);
  assert.equal(code, 0, stdout + stderr);
  assert.doesNotMatch(stdout + stderr, /synced_at/);
  const text = readFileSync(join(project.directory, 'syncs/people.yaml'), 'utf8');
  for (const line of ['first_name: Vorname', 'last_name: Nachname', 'zip: plz']) assert.ok(text.includes(`  ${line}\n`), text);
  assert.deepEqual(JSON.parse((await project.cli(['check', '--live', '--json'])).stdout).mistakes, []);
});
