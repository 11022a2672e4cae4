import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { z } from 'zod';
import { Stack } from '../support/stack.ts';

const SYNC = 'contacts-to-hubspot';
const CONTACTS = '/crm/v3/objects/contacts';
const EMAIL = 'person3@example.test';
const pageSchema = z.object({ results: z.array(z.object({ id: z.string(), properties: z.record(z.string(), z.string().nullable()) })) });

/** A run, then others edit the contact of person 3 in the target, and somebody the person in the source. */
async function begin(context: TestContext, conflict: string, mapping: (text: string) => string = (text) => text) {
  const stack = await Stack.start(['--contacts', '30', '--bad-percent', '0']);
  context.after(() => stack.stop());
  stack.project.edit(`syncs/${SYNC}.yaml`, (text) => `${mapping(text)}${conflict}`);
  await stack.project.startWorker();
  const run = async () => {
    const { code, stdout, stderr } = await stack.project.cli('run', SYNC, '--yes');
    return { code, text: stdout + stderr };
  };
  const first = await run();
  assert.equal(first.code, 0, first.text);
  return { stack, run };
}

async function contact(stack: Stack) {
  const page = pageSchema.parse(await stack.askHubspot('GET', `${CONTACTS}?limit=100&properties=email,company,firstname,jobtitle`));
  const found = page.results.find(({ properties }) => properties['email'] === EMAIL);
  assert.ok(found !== undefined);
  return { id: found.id, ...found.properties };
}

async function edit(stack: Stack, properties: Record<string, string>): Promise<void> {
  await stack.askHubspot('POST', `${CONTACTS}/batch/update`, { inputs: [{ id: (await contact(stack)).id, properties }] });
}

describe('edits on both sides', { concurrency: 3 }, () => {
  it('where the target wins: its edits stay, and everything else is written', async (context) => {
    const { stack, run } = await begin(context, 'conflict: { policy: target-wins }\n');
    await edit(stack, { company: 'Theirs' });
    await stack.changeContact('3', { company: 'Ours', first_name: 'Ursula' });
    const plan = await stack.project.cli('plan', SYNC);
    assert.match(plan.stdout, /firstname {2}.+ → Ursula/);
    assert.doesNotMatch(plan.stdout, /Ours/);
    const second = await run();
    assert.equal(second.code, 0, second.text);
    assert.match(second.text, /updated\s+1\b/);
    const { company, firstname } = { company: '', firstname: '', ...(await contact(stack)) };
    assert.deepEqual([company, firstname], ['Theirs', 'Ursula']);
    await stack.changeContact('3', { company: 'Ours again' });
    const third = await run();
    assert.match(third.text, /unchanged\s+30\b/, third.text);
    assert.equal({ company: '', ...(await contact(stack)) }.company, 'Theirs');
  });

  it('where the source wins, and by default: it is written over', async (context) => {
    const { stack, run } = await begin(context, '');
    await edit(stack, { company: 'Theirs' });
    await stack.changeContact('3', { company: 'Ours' });
    await run();
    assert.equal({ company: '', ...(await contact(stack)) }.company, 'Ours');
  });

  it('where a person decides: the record is held, and goes as it is said', async (context) => {
    const { stack, run } = await begin(context, 'conflict: { policy: review }\n');
    await edit(stack, { company: 'Theirs' });
    await stack.changeContact('3', { company: 'Ours', first_name: 'Ursula' });
    assert.match((await stack.project.cli('plan', SYNC)).stdout, /changed on both sides: company/);
    const held = await run();
    assert.equal(held.code, 4, held.text);
    assert.match(held.text, /held\s+1\b/);
    const list = await stack.project.cli('conflicts', 'list', SYNC);
    assert.match(list.stdout, /3 {2}.+company: the source has "Ours", others set "Theirs"/);
    assert.equal({ company: '', ...(await contact(stack)) }.company, 'Theirs');
    const refused = await stack.project.cli('conflicts', 'resolve', SYNC, '--key', '4', '--take', 'source', '--yes');
    assert.equal(refused.code, 2);
    const resolved = await stack.project.cli('conflicts', 'resolve', SYNC, '--key', '3', '--take', 'source', '--yes');
    assert.equal(resolved.code, 0, resolved.stderr);
    const retried = await stack.project.cli('retry', SYNC, '--key', '3', '--yes');
    assert.equal(retried.code, 0, retried.stdout + retried.stderr);
    assert.deepEqual({ company: '', firstname: '', ...(await contact(stack)) }.company, 'Ours');
    await edit(stack, { company: 'Theirs again' });
    await stack.changeContact('3', { company: 'Ours again' });
    assert.equal((await run()).code, 4);
    await stack.project.cli('conflicts', 'resolve', SYNC, '--key', '3', '--take', 'target', '--yes');
    const after = await run();
    assert.equal(after.code, 0, after.text);
    assert.equal({ company: '', ...(await contact(stack)) }.company, 'Theirs again');
  });

  it('where the newest wins: by the two times', async (context) => {
    const { stack, run } = await begin(context, 'conflict: { policy: newest-wins, sourceTime: updated_at, targetTime: lastmodifieddate }\n', (text) => text);
    await stack.changeContact('3', { company: 'Older' });
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    await edit(stack, { company: 'Theirs' });
    const second = await run();
    assert.ok(second.code === 0 || second.code === 4, second.text);
    assert.equal({ company: '', ...(await contact(stack)) }.company, 'Theirs');
  });

  it('of a field that is written once, or where the target has nothing, stay', async (context) => {
    const { stack, run } = await begin(context, '', (text) =>
      text
        .replace('company: company', 'company: { from: company, write: if-empty }\n  jobtitle: { from: company, write: if-empty }')
        .replace('firstname: first_name', 'firstname: { from: first_name, write: once }'),
    );
    await edit(stack, { company: 'Theirs', firstname: 'Theirs', jobtitle: 'Theirs' });
    await stack.changeContact('3', { company: 'Ours', first_name: 'Ours', last_name: 'Hopper' });
    const second = await run();
    assert.match(second.text, /updated\s+1\b/, second.text);
    assert.deepEqual({ company: '', firstname: '', ...(await contact(stack)) }.company, 'Theirs');
    assert.deepEqual({ company: '', firstname: '', ...(await contact(stack)) }.firstname, 'Theirs');
    assert.equal({ jobtitle: '', ...(await contact(stack)) }.jobtitle, 'Theirs', 'the search is asked for all fields that are compared');
    await edit(stack, { company: '' });
    await stack.changeContact('3', { company: 'Ours at last' });
    await run();
    assert.equal({ company: '', ...(await contact(stack)) }.company, 'Ours at last');
  });
});
