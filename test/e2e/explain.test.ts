import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, it, type TestContext } from 'node:test';
import { z } from 'zod';
import { Project } from '../support/project.ts';
import { SmallApi, smallProject } from '../support/small-api.ts';
import { Stack } from '../support/stack.ts';

const SYNC = 'contacts-to-hubspot';
const explanationSchema = z.object({
  schemaVersion: z.literal(1),
  explanation: z.object({
    key: z.string(),
    fields: z.array(z.object({ field: z.string(), result: z.string(), value: z.unknown().optional(), steps: z.array(z.looseObject({ step: z.string() })) })),
    outcome: z.object({ outcome: z.string(), differences: z.array(z.record(z.string(), z.unknown())), dropped: z.array(z.string()) }),
  }),
});
const recordSchema = z.object({ record: z.looseObject({ targetId: z.string() }) });
const DONE: Readonly<Record<string, RegExp>> = { create: /created\s+1\b/, update: /updated\s+1\b/, rejected: /rejected\s+1\b/, skipped: /skipped\s+1\b/ };

/** Every table of the ledger but those of the limits, which a worker renews all the time: a hash of its rows. */
function contentOf(project: Project): Readonly<Record<string, string>> {
  const database = new DatabaseSync(join(project.directory, '.syncline/ledger.db'), { readOnly: true });
  const hashOf = (name: string) =>
    createHash('sha256')
      .update(JSON.stringify(database.prepare(`SELECT * FROM ${name} ORDER BY 1`).all()))
      .digest('hex');
  try {
    const tables = z.array(z.object({ name: z.string() })).parse(database.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all());
    return Object.fromEntries(tables.filter(({ name }) => !name.startsWith('limit_')).map(({ name }) => [name, hashOf(name)]));
  } finally {
    database.close();
  }
}

async function explain(project: Project, ...words: string[]) {
  const { code, stdout, stderr } = await project.cli('explain', ...words, '--json');
  assert.equal(code, 0, stderr);
  return explanationSchema.parse(JSON.parse(stdout)).explanation;
}

async function begin(context: TestContext, sync: (text: string) => string = (text) => text) {
  const stack = await Stack.start(['--contacts', '30', '--bad-percent', '0']);
  context.after(() => stack.stop());
  stack.project.edit(`syncs/${SYNC}.yaml`, sync);
  await stack.project.startWorker();
  return stack;
}

describe('explain', { concurrency: 3 }, () => {
  it('foretells what a run of the record then does: create, unchanged, update, rejected, skipped', async (context) => {
    const stack = await begin(context, (text) => text.replace('contacts\ntarget', "contacts\n  filter: status != 'archived'\ntarget"));
    const foretold = async (expected: string) => {
      const { outcome } = (await explain(stack.project, SYNC, '--key', '3')).outcome;
      assert.equal(outcome, expected);
      const { stdout, stderr } = await stack.project.cli('run', SYNC, '--key', '3', '--yes');
      assert.match(stdout + stderr, DONE[outcome] ?? /unchanged\s+1\b/);
    };
    await foretold('create');
    await foretold('unchanged');
    await stack.changeContact('3', { company: 'Renamed', email_address: ' PERSON3@example.test ' });
    await foretold('update');
    await stack.changeContact('3', { email_address: 'nonsense' });
    await foretold('rejected');
    await stack.changeContact('3', { status: 'archived' });
    await foretold('skipped');
  });

  it('shows each step, what differs from what was sent, and writes nothing', async (context) => {
    const stack = await begin(context, (text) => text.replace('{ from: phone,', '{ from: phone, sensitive: true,'));
    await stack.changeContact('3', { phone: '+1 201 555 0123' });
    await stack.project.cli('run', SYNC, '--yes');
    await stack.changeContact('3', { company: 'Renamed', phone: '+1 201 555 0199', email_address: ' PERSON3@example.test', owner_email: 'x@nobody.test' });
    const [state, content] = [await stack.hubspotState(), contentOf(stack.project)];
    const { code, stdout, stderr } = await stack.project.cli('explain', SYNC, '--match', 'person3@example.test');
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^contacts-to-hubspot {2}key 3\n\n {2}source {2}crm contacts, read now\n {2}match {3}person3@example\.test\n/);
    assert.match(stdout, /\n {2}target {2}hubspot contacts \d+ {2}https:\S+\n/);
    assert.match(
      stdout,
      / from email_address {3}" PERSON3@example\.test"\n {2}transform trim {7}"PERSON3@example\.test"\n {2}transform lowercase {2}"person3@/,
    );
    assert.match(
      stdout,
      / lookup owner {9}no owner with email "x@nobody\.test"\n {2}onMissing omit {7}nothing\n {2}gives {16}nothing: the field is not sent\n/,
    );
    assert.match(stdout, /update: 2 fields differ\n\n {2}FIELD {4}NOW +SENT LAST +IN THE TARGET\n/);
    assert.match(stdout, / phone {4}••• +••• +•••\n/);
    assert.match(stdout, / company {2}"Renamed" {2}"[^"]+" +"[^"]+"\n/);
    assert.match(stdout, /Sent last time and not now, so it stays as it is there: hubspot_owner_id\n/);
    assert.match(stderr, /\nWrite it now: syncline run contacts-to-hubspot --key 3 /);
    const document = await stack.project.cli('explain', SYNC, '--key', '3', '--json');
    for (const text of [stdout, document.stdout]) assert.doesNotMatch(text, /0123|0199/);
    assert.equal((await stack.hubspotState()).writes, state.writes);
    assert.deepEqual(contentOf(stack.project), content);
  });

  it('sets edits on both sides beside each other, by the rule for conflicts', async (context) => {
    const stack = await begin(context);
    await stack.project.cli('run', SYNC, '--yes');
    const { targetId } = recordSchema.parse(JSON.parse((await stack.project.cli('records', SYNC, '--key', '3', '--json')).stdout)).record;
    const headers = { authorization: 'Bearer hubspot-dev-token', 'content-type': 'application/json' };
    const body = JSON.stringify({ inputs: [{ id: targetId, properties: { company: 'Theirs' } }] });
    assert.ok((await fetch(`${stack.hubspot}/crm/v3/objects/contacts/batch/update`, { method: 'POST', headers, body })).ok);
    await stack.changeContact('3', { company: 'Ours' });
    const policy = (name: string) => stack.project.edit(`syncs/${SYNC}.yaml`, (text) => `${text.replace(/conflict: .*/, '')}conflict: { policy: ${name} }\n`);
    policy('review');
    const held = await stack.project.cli('explain', SYNC, '--key', '3');
    assert.match(
      held.stdout,
      /held: changed on both sides: company\n\n {2}FIELD {4}NOW {5}SENT LAST +IN THE TARGET\n {2}company {2}"Ours" {2}"[^"]+" +"Theirs"\n$/,
    );
    assert.match(held.stderr, /: syncline conflicts list contacts-to-hubspot /);
    policy('target-wins');
    const kept = await stack.project.cli('explain', SYNC, '--key', '3');
    assert.match(kept.stdout, /unchanged: all that differs is left as it is in the target; nothing is sent\n/);
    assert.match(kept.stdout, /Left as it is in the target, by write or conflict: company\n$/);
  });

  it('goes from a record that waits to the one it waits for; reads the list where an API has no get; says so where there is nothing', async (context) => {
    const api = await SmallApi.start(60);
    const files = smallProject(api.url);
    const notes = (files['syncs/people.yaml'] ?? '')
      .replace('object: contacts', 'object: notes')
      .replace('  name: name', '  name: name\n  contact: { ref: { sync: people, from: $string(id) } }\n  origin: { value: small }');
    const project = await Project.create({ ...files, 'syncs/notes.yaml': notes });
    context.after(async () => {
      await project.stop();
      await api.stop();
    });
    await project.startWorker();
    const held = await project.cli('explain', 'notes', '--key', '59');
    assert.match(held.stdout, / ref people {8}people has not written the record with key "59" yet\n {2}onMissing hold {4}stops the record\n/);
    assert.match(held.stdout, /held: contact: people has not written the record with key "59" yet\n/);
    assert.match(held.stderr, /\nWhy what it refers to is not there: syncline explain people --key 59 /);

    api.refuseRecord = (contact) => (contact.email === 'p9@example.test' ? { status: 422, message: 'no such name' } : undefined);
    await project.cli('run', 'people', '--yes');
    const refused = await project.cli('explain', 'people', '--key', '9');
    assert.match(refused.stdout, /rejected: the target refused the same content before, and it is not sent again until [^:]+: no such name\n/s);
    assert.match(refused.stderr, /\nSend it again: syncline retry people --key 9 /);
    assert.equal((await explain(project, 'notes', '--key', '59')).fields.find(({ field }) => field === 'contact')?.value, 'p59@example.test');

    await project.cli('run', 'notes', '--yes');
    project.edit('syncs/notes.yaml', (text) => text.replace('value: small', 'value: large'));
    const changed = await project.cli('explain', 'notes', '--key', '59');
    assert.match(changed.stdout, /\n {2}definition {2}another one than that of the last run, r_\w+\n/);
    assert.match(changed.stdout, /\n {2}origin {2}"large" {2}"small"\n/);

    api.people.delete(59);
    const gone = await project.cli('explain', 'notes', '--key', '59');
    assert.equal(gone.code, 1);
    assert.match(
      gone.stderr,
      /^✗ small has no record with key "59" in people, or has it no longer\. What was done with it earlier: syncline records notes --key 59 /,
    );
    const stranger = await project.cli('explain', 'notes', '--key', '5900');
    assert.match(stranger.stderr, /^✗ small has no record with key "5900" in people\. Keys are those of the source; look there for the right one\.\n$/);
    const unmet = await project.cli('explain', 'notes', '--match', 'nobody');
    assert.match(unmet.stderr, /^✗ notes has never met a record with match key "nobody"\. Name it by its key in the source: syncline explain notes --key KEY /);
    const down = await api.stop().then(() => project.cli('explain', 'notes', '--key', '5'));
    assert.equal(down.code, 5, down.stderr);
  });
});
