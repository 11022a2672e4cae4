import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { z } from 'zod';
import { verify } from '../../scripts/demo/verify.ts';
import { Stack } from '../support/stack.ts';
import { until } from '../support/until.ts';

const SYNC = 'contacts-to-hubspot';
const CONTACTS = '/crm/v3/objects/contacts';
const emailOf = (key: number) => `person${key}@example.test`;
const pageSchema = z.object({ results: z.array(z.object({ id: z.string(), properties: z.record(z.string(), z.string().nullable()) })) });

interface Setting {
  readonly people?: number;
  readonly mode?: string;
  readonly sandbox?: readonly string[];
}

async function begin(context: TestContext, { people = 40, mode = 'upsert', sandbox = [] }: Setting = {}) {
  const stack = await Stack.start(['--contacts', String(people), '--bad-percent', '0', ...sandbox]);
  context.after(() => stack.stop());
  stack.project.edit(`syncs/${SYNC}.yaml`, (text) => `${text.replace('matchOn: email', `matchOn: email\n  mode: ${mode}`)}guard: { maxDeletedPercent: 50 }\n`);
  const worker = await stack.project.startWorker();
  const file = join(stack.project.directory, 'contacts.plan');
  const cli = async (...args: string[]) => {
    const { code, stdout, stderr } = await stack.project.cli(...args, '--yes');
    return { code, text: stdout + stderr };
  };
  return { stack, worker, file, run: () => cli('run', SYNC), plan: () => cli('plan', SYNC, '--out', file), apply: () => cli('apply', file) };
}

/** What the target has, by e-mail address. */
async function contacts(stack: Stack) {
  const page = pageSchema.parse(await stack.askHubspot('GET', `${CONTACTS}?limit=100&properties=email,company,firstname`));
  return new Map(page.results.map(({ id, properties }) => [properties['email'] ?? '', { id, company: properties['company'] ?? null }]));
}

async function edit(stack: Stack, key: number, company: string): Promise<void> {
  const id = (await contacts(stack)).get(emailOf(key))?.id;
  await stack.askHubspot('POST', `${CONTACTS}/batch/update`, { inputs: [{ id, properties: { company } }] });
}

describe('apply', { concurrency: 3 }, () => {
  it('does what the plan says, and leaves alone what has moved since on either side, and what was not planned', async (context) => {
    const { stack, run, plan, apply } = await begin(context);
    assert.equal((await run()).code, 0);
    for (const key of [2, 3, 4, 5]) await stack.changeContact(String(key), { company: `Planned ${key}` });
    const planned = await plan();
    assert.match(planned.text, /4 changes/);
    assert.match(planned.text, /Do it: syncline apply \S+contacts\.plan/);
    await stack.changeContact('3', { company: 'Changed since' });
    await edit(stack, 4, 'Somebody there');
    await stack.askCrm('DELETE', '/5');
    await stack.changeContact('20', { company: 'Not planned' });
    const before = await contacts(stack);
    const applied = await apply();
    assert.equal(applied.code, 4, applied.text);
    assert.match(applied.text, /1 {2}done as planned/);
    assert.match(applied.text, /1 {2}changed in the source since {2,}3\b/);
    assert.match(applied.text, /1 {2}changed in the target since {2,}4\b/);
    assert.match(applied.text, /1 {2}no longer in the source, or back there {2,}5\b/);
    const after = await contacts(stack);
    const companies = (key: number) => [before.get(emailOf(key))?.company, after.get(emailOf(key))?.company];
    assert.equal(companies(2)[1], 'Planned 2');
    for (const key of [3, 4, 5, 20]) assert.equal(companies(key)[0], companies(key)[1]);
    assert.equal(companies(4)[1], 'Somebody there');
    const next = await run();
    assert.match(next.text, /updated\s+3\b/, next.text);
  });

  it('makes no second one of what somebody has made in the target since', async (context) => {
    const { stack, plan, apply } = await begin(context, { people: 10 });
    assert.match((await plan()).text, /10 changes/);
    await stack.askHubspot('POST', `${CONTACTS}/batch/create`, { inputs: [{ properties: { email: emailOf(4), company: 'By hand' } }] });
    const applied = await apply();
    assert.match(applied.text, /9 {2}done as planned/);
    assert.match(applied.text, /1 {2}changed in the target since {2,}4\b/);
    const after = await contacts(stack);
    assert.deepEqual([after.size, after.get(emailOf(4))?.company], [10, 'By hand']);
  });

  it('deletes what the plan deletes, and no record that came back or went since', async (context) => {
    const { stack, run, plan, apply } = await begin(context, { mode: 'mirror' });
    assert.equal((await run()).code, 0);
    await stack.askCrm('DELETE', '/7');
    assert.match((await plan()).text, /1 change/);
    await stack.askCrm('DELETE', '/8');
    const applied = await apply();
    assert.equal(applied.code, 0, applied.text);
    assert.match(applied.text, /✓ 1 record as planned/);
    const left = await contacts(stack);
    assert.deepEqual([left.has(emailOf(7)), left.has(emailOf(8)), left.size], [false, true, 39]);
  });

  it('does a plan of all that there is over a worker killed with SIGKILL, and nothing twice', async (context) => {
    const { stack, worker, file, plan, run } = await begin(context, { people: 900, sandbox: ['--latency-ms', '40'] });
    stack.project.edit('connections/hubspot.yaml', (text) => text.replace('count: 200, per: 1s', 'count: 6, per: 1s'));
    assert.match((await plan()).text, /900 changes/);
    const applying = stack.project.cli('apply', file, '--yes');
    await until('some contacts to be written', async () => ((await stack.hubspotState()).counts['contacts'] ?? 0) > 200);
    worker.child.kill('SIGKILL');
    await stack.project.startWorker();
    const { code, stdout, stderr } = await applying;
    assert.equal(code, 0, stdout + stderr);
    assert.match(stdout, /✓ 900 records as planned/);
    const found = await verify(stack.crm, stack.hubspot);
    assert.deepEqual([found.equal, found.different, found.doubled], [900, [], []]);
    assert.match((await run()).text, /unchanged\s+900\b/, 'the cursor did not move, and nothing is sent');
  });

  it('says why where the plan cannot be applied', async (context) => {
    const { stack, file, plan, apply } = await begin(context, { people: 10 });
    const missing = await apply();
    assert.equal(missing.code, 2);
    assert.match(missing.text, /contacts\.plan could not be read: .+ Save one with "syncline plan <sync> --out <file> --project \S+"\.\n$/);
    await plan();
    const saved = readFileSync(file, 'utf8');
    writeFileSync(file, saved.slice(0, 100));
    assert.match((await apply()).text, /is not a saved plan: it is not JSON\./);
    writeFileSync(file, saved.replace('"planVersion":2', '"planVersion":1'));
    assert.match((await apply()).text, /was saved by another version of Syncline\./);
    writeFileSync(file, saved);
    stack.project.edit(`syncs/${SYNC}.yaml`, (text) => `${text}priority: 2\n`);
    const stale = await apply();
    assert.equal(stale.code, 3);
    assert.match(stale.text, /contacts\.plan was made of another definition of contacts-to-hubspot .+ Plan again: syncline plan/);
    assert.deepEqual((await stack.hubspotState()).writes, 0);
  });
});
