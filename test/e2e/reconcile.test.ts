import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { finished, Project } from '../support/project.ts';
import { SmallApi, smallProject } from '../support/small-api.ts';
import { Stack } from '../support/stack.ts';
import { until } from '../support/until.ts';

const SYNC = 'contacts-to-hubspot';
const CONTACTS = '/crm/v3/objects/contacts';
const pageSchema = z.object({ results: z.array(z.object({ id: z.string(), properties: z.record(z.string(), z.string().nullable()) })) });
const documentSchema = z.object({ reconciliation: z.object({ checked: z.number(), found: z.record(z.string(), z.number()) }) });

async function begin(context: TestContext, mode = 'upsert') {
  const stack = await Stack.start(['--contacts', '60', '--bad-percent', '0']);
  context.after(() => stack.stop());
  stack.project.edit(`syncs/${SYNC}.yaml`, (text) => text.replace('matchOn: email', `matchOn: email\n  mode: ${mode}`));
  await stack.project.startWorker();
  const first = await stack.project.cli('run', SYNC, '--yes');
  assert.equal(first.code, 0, first.stderr);
  return stack;
}

async function contacts(stack: Stack) {
  const page = pageSchema.parse(await stack.askHubspot('GET', `${CONTACTS}?limit=100&properties=email,company`));
  return new Map(page.results.map(({ id, properties }) => [properties['email'] ?? '', { id, company: properties['company'] }]));
}

const edit = (stack: Stack, id: string, company: string) => stack.askHubspot('POST', `${CONTACTS}/batch/update`, { inputs: [{ id, properties: { company } }] });

/** A project whose target can be searched. */
async function beginSmall(context: TestContext, sync = '') {
  const api = await SmallApi.start(3);
  const { 'connections/small.yaml': connection = '', ...files } = smallProject(api.url, { sync });
  const search = 'search: { post: /search, body: { emails: "{keys}" }, records: data }';
  const project = await Project.create({ ...files, 'connections/small.yaml': connection.replace('  contacts:\n', `  contacts:\n    ${search}\n`) });
  context.after(async () => {
    await project.stop();
    await api.stop();
  });
  return { api, project };
}

/** A command, and what it has said so far. */
function followed(command: ChildProcess) {
  let said = '';
  command.stderr?.on('data', (text: Buffer) => {
    said += text.toString();
  });
  return { command, said: () => said, ended: finished(command) };
}

describe('reconcile', { concurrency: 3 }, () => {
  it('finds nothing where nobody touched the target', async (context) => {
    const stack = await begin(context);
    const { code, stdout } = await stack.project.cli('reconcile', SYNC);
    assert.equal(code, 0, stdout);
    assert.match(stdout, /60 records compared, each as it was written/);
  });

  it('finds what others changed and deleted, and repairs it by the write protocol', async (context) => {
    const stack = await begin(context);
    const before = await contacts(stack);
    const [changed, gone] = [before.get('person3@example.test'), before.get('person4@example.test')];
    assert.ok(changed !== undefined && gone !== undefined);
    await edit(stack, changed.id, 'Somebody else');
    await stack.askHubspot('DELETE', `${CONTACTS}/${gone.id}`);
    const file = join(stack.project.directory, 'drift.ndjson');
    const found = await stack.project.cli('reconcile', SYNC, '--out', file);
    assert.equal(found.code, 4, found.stderr);
    assert.match(found.stdout, /60 records compared, 2 are not as written/);
    assert.match(found.stdout, /3\s+changed\s+company\s+\S.*\s+Somebody else/);
    assert.match(found.stdout, /4\s+missing/);
    assert.equal(readFileSync(file, 'utf8').trim().split('\n').length, 2);
    const repaired = await stack.project.cli('reconcile', SYNC, '--repair', '--yes');
    assert.equal(repaired.code, 0, repaired.stdout + repaired.stderr);
    const after = await contacts(stack);
    assert.equal(after.get('person3@example.test')?.company, changed.company);
    assert.equal(after.get('person4@example.test')?.company, gone.company);
    assert.equal(after.size, 60);
    assert.equal((await stack.project.cli('reconcile', SYNC)).code, 0);
  });

  it('compares a target record that two source records are written to with the last of them, and says so', async (context) => {
    const stack = await begin(context);
    const { id: _, created_at: __, updated_at: ___, ...seventh } = z.looseObject({ first_name: z.string() }).parse(await stack.askCrm('GET', '/7'));
    const twin = z.looseObject({ id: z.coerce.string() }).parse(await stack.askCrm('POST', '', { ...seventh, first_name: 'Twin' }));
    assert.equal((await stack.project.cli('run', SYNC, '--yes')).code, 0);
    const { code, stdout, stderr } = await stack.project.cli('reconcile', SYNC);
    assert.equal(code, 0, stdout);
    assert.match(stdout, /60 records compared, each as it was written/);
    assert.match(stderr, /records contacts-to-hubspot --shared/);
    const shared = await stack.project.cli('records', SYNC, '--shared');
    assert.equal(shared.code, 0, shared.stderr);
    assert.match(shared.stdout, new RegExp(`TARGET ID\\s+MATCH\\s+TOLD LAST\\s+ALSO WRITTEN TO IT\\n\\S+\\s+\\S+@example.test\\s+${twin.id}\\s+7$`, 'm'));
    assert.match(stdout + shared.stderr, /merge them in the source/);
  });

  it('takes for drift no format that the target gives to all, and says which it learned', async (context) => {
    const stack = await begin(context);
    // As a target does that rewrites a field: in all records, in the same way.
    for (const { id, company } of (await contacts(stack)).values()) await edit(stack, id, (company ?? '').toUpperCase());
    const { code, stdout } = await stack.project.cli('reconcile', SYNC);
    assert.equal(code, 0, stdout);
    assert.match(stdout, /rewrites by itself, which is no drift: company \(its case\)/);
    const one = (await contacts(stack)).get('person5@example.test');
    await edit(stack, one?.id ?? '', 'Another');
    assert.equal((await stack.project.cli('reconcile', SYNC)).code, 4);
  });

  it('in mode mirror names what no sync sent', async (context) => {
    const stack = await begin(context, 'mirror');
    await stack.askHubspot('POST', CONTACTS, { properties: { email: 'theirs@example.test' } });
    const { code, stdout } = await stack.project.cli('reconcile', SYNC, '--json');
    assert.equal(code, 0, stdout);
    assert.deepEqual(documentSchema.parse(JSON.parse(stdout)).reconciliation.found, { missing: 0, changed: 0, duplicated: 0, extra: 1, stale: 0 });
  });

  it('ends a run, where it is time for it; with repair what others did is undone by the run itself', async (context) => {
    const stack = await begin(context);
    const run = () => stack.project.cli('run', SYNC, '--yes');
    stack.project.edit(`syncs/${SYNC}.yaml`, (text) => `${text}reconcile: { every: 1s }\n`);
    const before = await contacts(stack);
    const [changed, gone] = [before.get('person3@example.test'), before.get('person4@example.test')];
    await edit(stack, changed?.id ?? '', 'Somebody else');
    await stack.askHubspot('DELETE', `${CONTACTS}/${gone?.id}`);
    const found = await run();
    assert.equal(found.code, 4, found.stderr);
    assert.match(found.stdout, /2 records of 60 were missing in the target or changed there by others/);
    assert.equal((await contacts(stack)).size, 59);
    stack.project.edit(`syncs/${SYNC}.yaml`, (text) => text.replace('every: 1s', 'every: 1s, repair: true'));
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    const repaired = await run();
    assert.equal(repaired.code, 0, repaired.stdout + repaired.stderr);
    assert.match(repaired.stdout, /written again/);
    assert.match(repaired.stdout, /books\s+closed/);
    const after = await contacts(stack);
    assert.deepEqual([after.size, after.get('person3@example.test')?.company], [60, changed?.company]);
    stack.project.edit(`syncs/${SYNC}.yaml`, (text) => text.replace('every: 1s', 'every: 1d'));
    assert.doesNotMatch((await run()).stdout, /target/, 'not yet due');
  });

  it('is given up where the target does not answer, and so is the run that ends with it', async (context) => {
    const { api, project } = await beginSmall(context, 'reconcile: { every: 1s }');
    api.admit = ({ url }) => (url === '/search' ? { status: 500 } : undefined);
    await project.startWorker();
    const run = await project.cli('run', 'people', '--yes');
    assert.equal(run.code, 5, run.stderr);
    assert.match(run.stdout, /small answered 500.+ Given up/s);
    assert.match(run.stdout, /books\s+closed/);
    const alone = await project.cli('reconcile', 'people');
    assert.equal(alone.code, 5, alone.stderr);
    assert.match(alone.stderr, /The target could not be compared: An API cannot be reached/);
  });

  it('says what it waits for, is joined by whoever asks again, left with Ctrl-C, and cancelled', async (context) => {
    const { api, project } = await beginSmall(context);
    await project.startWorker();
    assert.equal((await project.cli('run', 'people', '--yes')).code, 0);
    const none = await project.cli('cancel', 'people', '--reconcile', '--yes');
    assert.equal(none.code, 1);
    assert.match(none.stderr, /the target of people is not being compared/);
    api.admit = () => ({ status: 429, headers: { 'retry-after': '600' } });
    const first = followed(project.spawnCli('reconcile', 'people'));
    await until(first.said, () => /waiting \d+ min.*, then attempt 2: A limit of an API/.test(first.said()));
    const second = followed(project.spawnCli('reconcile', 'people'));
    await until(second.said, () => /is being compared already: this follows that comparison.+then attempt 2/s.test(second.said()));
    second.command.kill('SIGINT');
    const left = await second.ended;
    assert.equal(left.code, 0, left.stderr);
    assert.match(
      left.stderr,
      /The comparison of people goes on\.\s+Follow it again {2}\S.* reconcile people .+\n\s*Stop it {10}\S.* cancel people --reconcile/,
    );
    const cancelled = await project.cli('cancel', 'people', '--reconcile', '--yes');
    assert.equal(cancelled.code, 0, cancelled.stderr);
    assert.match(cancelled.stdout, /The comparison of people was cancelled/);
    const end = await first.ended;
    assert.equal(end.code, 1);
    assert.match(end.stderr, /The comparison of people was cancelled\. Nothing was written to the target\./);
    assert.match((await project.cli('audit', '--json')).stdout, /reconcile\.cancelled/);
  });

  it('tells whoever joined it the same end', async (context) => {
    const { api, project } = await beginSmall(context);
    await project.startWorker();
    assert.equal((await project.cli('run', 'people', '--yes')).code, 0);
    const [changed] = api.contacts.values();
    assert.ok(changed !== undefined);
    api.contacts.set(changed.email, { ...changed, name: 'Somebody else' });
    const released = Promise.withResolvers<undefined>();
    api.admit = async ({ url }) => {
      await released.promise;
      return url === '/search' ? { status: 200, body: { data: [...api.contacts.values()].map((contact) => ({ ...contact, id: contact.email })) } } : undefined;
    };
    const first = followed(project.spawnCli('reconcile', 'people'));
    await until(first.said, () => /Reading people's target back/.test(first.said()));
    const second = followed(project.spawnCli('reconcile', 'people'));
    await until(second.said, () => /is being compared already/.test(second.said()));
    released.resolve(undefined);
    const ends = await Promise.all([first.ended, second.ended]);
    for (const { code, stdout } of ends) assert.equal(code, 4, stdout);
    assert.match(ends[0].stdout, /3 records compared, 1 is not as written/);
    assert.equal(ends[1].stdout, ends[0].stdout);
  });

  it('of a sample compares the same few each time', async (context) => {
    const stack = await begin(context);
    const checked = async () =>
      documentSchema.parse(JSON.parse((await stack.project.cli('reconcile', SYNC, '--sample', '20%', '--json')).stdout)).reconciliation.checked;
    const first = await checked();
    assert.ok(first > 2 && first < 30, `${first} of 60`);
    assert.equal(await checked(), first);
  });

  it('with --source tells what the source has changed since it was sent, and repairs that, too', async (context) => {
    const stack = await begin(context);
    await stack.changeContact('7', { company: 'Newer' });
    const found = await stack.project.cli('reconcile', SYNC, '--source');
    assert.equal(found.code, 4, found.stderr);
    assert.match(found.stdout, /1 {2}stale/);
    assert.match(found.stdout, /7 +stale +company +Newer/);
    assert.match(found.stderr, /Put it right: syncline run contacts-to-hubspot/);
    const repaired = await stack.project.cli('reconcile', SYNC, '--source', '--repair', '--yes');
    assert.equal(repaired.code, 0, repaired.stdout + repaired.stderr);
    assert.equal((await contacts(stack)).get('person7@example.test')?.company, 'Newer');
    assert.equal((await stack.project.cli('reconcile', SYNC, '--source')).code, 0);
  });

  it('with --counts compares how many there are, and nothing else', async (context) => {
    const stack = await begin(context);
    const equal = await stack.project.cli('reconcile', SYNC, '--counts');
    assert.equal(equal.code, 0, equal.stdout + equal.stderr);
    assert.match(equal.stdout, /the target has 60 records, and was told of 60/);
    await stack.askHubspot('DELETE', `${CONTACTS}/${(await contacts(stack)).get('person4@example.test')?.id ?? ''}`);
    const fewer = await stack.project.cli('reconcile', SYNC, '--counts');
    assert.equal(fewer.code, 4, fewer.stdout + fewer.stderr);
    assert.match(fewer.stdout, /the target has 59 records, and was told of 60; 1 or more are gone/);
    stack.project.edit(`syncs/${SYNC}.yaml`, (text) => `${text}reconcile: { every: 1s, compare: counts }\n`);
    await sleep(1_100); // so that it is time for it
    const run = await stack.project.cli('run', SYNC, '--yes');
    assert.equal(run.code, 4, run.stdout + run.stderr);
    assert.match(run.stdout, /The target has 59 records and was told of 60: 1 or more are gone\./);
  });

  it('takes for a rewriting of the target what the definition says, and nothing that it rules out', async (context) => {
    const stack = await begin(context);
    const edited = (await contacts(stack)).get('person3@example.test');
    assert.ok(edited !== undefined);
    await edit(stack, edited.id, String(edited.company).toUpperCase());
    assert.equal((await stack.project.cli('reconcile', SYNC)).code, 4);
    stack.project.edit(`syncs/${SYNC}.yaml`, (text) => `${text}reconcile: { every: 1d, formats: { company: [case] } }\n`);
    const ruled = await stack.project.cli('reconcile', SYNC);
    assert.equal(ruled.code, 0, ruled.stdout);
    assert.match(ruled.stdout, /rewrites by itself, which is no drift: company \(its case\)/);
    stack.project.edit(`syncs/${SYNC}.yaml`, (text) => text.replace('company: [case]', 'company: []'));
    assert.equal((await stack.project.cli('reconcile', SYNC)).code, 4);
  });
});
