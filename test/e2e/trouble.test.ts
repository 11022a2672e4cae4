import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { parse } from 'yaml';
import { z } from 'zod';
import { Project } from '../support/project.ts';
import { SmallApi, smallProject } from '../support/small-api.ts';
import { until } from '../support/until.ts';
import { compositeRun } from './writing/composite.ts';

const INCREMENTAL = '  incremental: { cursorField: updated_at }';

async function begin(context: TestContext, people: number, more: Parameters<typeof smallProject>[1] = {}) {
  const api = await SmallApi.start(people);
  const project = await Project.create(smallProject(api.url, more));
  context.after(async () => {
    await project.stop();
    await api.stop();
  });
  const worker = await project.startWorker();
  const run = async () => {
    const { code, stdout, stderr } = await project.cli('run', 'people', '--yes');
    return { code, text: stdout + stderr };
  };
  return { api, project, worker, run };
}

it('a record on which the filter fails is rejected and listed, and stops no other', async (context) => {
  const { api, project, run } = await begin(context, 5, { source: '  filter: score > 1\n  incremental: { cursorField: $fromMillis($toMillis(updated_at)) }' });
  api.shown = (person) => ({ ...person, score: person.id === 3 ? null : person.id, updated_at: person.id === 4 ? 'never' : person.updated_at });
  const plan = await project.cli('plan', 'people');
  assert.match(plan.stdout, /to create\s+3\b[\s\S]*skipped\s+1\b[\s\S]*rejected\s+1\b/, plan.stdout + plan.stderr);
  const explained = await project.cli('explain', 'people', '--key', '3');
  assert.match(
    explained.stdout,
    /filter\s+score > 1 {2}fails on it[\s\S]*rejected: source\.filter: the expression failed/,
    explained.stdout + explained.stderr,
  );
  const { code, text } = await run();
  assert.equal(code, 4, text);
  assert.match(text, /written\s+3\b[\s\S]*skipped\s+1\b[\s\S]*rejected\s+1\b[\s\S]*books\s+closed/);
  assert.deepEqual([...api.contacts.keys()].toSorted(), ['p2@example.test', 'p4@example.test', 'p5@example.test']);
  api.shown = (person) => ({ ...person, score: person.id });
  assert.match((await run()).text, /written\s+1\b/);
});

if (process.env['SYNCLINE_TEST_LONG'] === '1') compositeRun();

describe('a record that makes the target fail', { concurrency: 3 }, () => {
  it('is isolated: the others of its batch are written, it is rejected and tried again later', async (context) => {
    const { api, project, run } = await begin(context, 240);
    api.refuse = (batch) =>
      batch.some((contact) => contact.email === 'p77@example.test') ? { status: 500, body: { message: 'cannot read null' } } : undefined;
    const { code, text } = await run();
    assert.equal(code, 0, text);
    assert.equal(api.contacts.size, 239);
    // Six halvings and the record alone, six requests each at the most.
    assert.ok(api.answered(500) <= 42, `${api.answered(500)} requests failed`);
    const errors = await project.cli('errors', 'people');
    assert.match(errors.stdout.replace(/\s+/g, ' '), /The target answered 500 to this record, \d+ times: cannot read null/);
  });

  it('is isolated also where nothing else is to be written, and does not hold the next run', async (context) => {
    const { api, run } = await begin(context, 60, { source: INCREMENTAL });
    assert.equal((await run()).code, 0);
    api.refuse = (batch) => (batch.some((contact) => contact.email === 'p7@example.test') ? { status: 500 } : undefined);
    api.change(7, 'Renamed', 5);
    const alone = await run();
    assert.match(alone.text, /rejected\s+1\b/, alone.text);
    api.change(8, 'Renamed', 6);
    const next = await run();
    assert.match(next.text, /books\s+closed/);
    assert.equal(api.contacts.get('p8@example.test')?.name, 'Renamed');
  });

  it('is not blamed for a target that is down', async (context) => {
    const { api, run } = await begin(context, 120);
    api.refuse = () => ({ status: 500 });
    const running = run();
    await until('a few failures', async () => api.answered(500) >= 12);
    api.refuse = () => undefined;
    const { code, text } = await running;
    assert.equal(code, 0, text);
    assert.match(text, /created|written/);
    assert.equal(api.contacts.size, 120);
  });
});

describe('what failed', { concurrency: 3 }, () => {
  it('and may pass is tried again by a later run that reads only what is new', async (context) => {
    const { api, run } = await begin(context, 60, { source: INCREMENTAL, sync: 'retry: { after: [1s, 1h] }' });
    api.refuseRecord = (contact) => (contact.email === 'p9@example.test' ? { status: 409, message: 'locked by another editor' } : undefined);
    assert.match((await run()).text, /rejected\s+1\b/);
    api.refuseRecord = () => undefined;
    await sleep(1_100);
    const { code, text } = await run();
    assert.equal(code, 0, text);
    assert.match(text, /tried again\s+1\b/);
    assert.equal(api.contacts.size, 60);
  });

  it('waits longer each time', async (context) => {
    const { api, run } = await begin(context, 60, { source: INCREMENTAL, sync: 'retry: { after: [1s, 1h] }' });
    api.refuseRecord = (contact) => (contact.email === 'p9@example.test' ? { status: 409, message: 'locked by another editor' } : undefined);
    await run();
    await sleep(1_100);
    assert.match((await run()).text, /rejected\s+1\b/);
    const writes = api.answered(200);
    await sleep(1_100);
    await run();
    assert.equal(api.answered(200), writes, 'its second pause is an hour');
  });

  it('for its content is tried again when the mapping changes', async (context) => {
    const { api, project, run } = await begin(context, 60, { source: INCREMENTAL });
    const person = api.people.get(9);
    assert.ok(person);
    api.people.set(9, { ...person, mail: 'nobody' });
    assert.match((await run()).text, /rejected\s+1\b/);
    project.edit('syncs/people.yaml', (text) =>
      text.replace('{ from: mail, type: email }', `{ expression: "$contains(mail, '@') ? mail : 'p9@example.test'" }`),
    );
    const { code, text } = await run();
    assert.equal(code, 0, text);
    assert.ok(api.contacts.has('p9@example.test'), text);
  });
});

describe('a target', { concurrency: 3 }, () => {
  it('that takes less at once than it says is asked for too much only once', async (context) => {
    const { api, run } = await begin(context, 200);
    api.refuse = (_, bytes) => (bytes > 1_500 ? { status: 413 } : undefined);
    const first = await run();
    assert.equal(first.code, 0, first.text);
    assert.equal(api.contacts.size, 200);
    const refused = api.answered(413);
    assert.ok(refused >= 1 && refused <= 24, `${refused} refused`);
    for (let id = 1; id <= 200; id++) api.change(id, `Renamed ${id}`, 3);
    assert.equal((await run()).code, 0);
    assert.equal(api.answered(413), refused, 'remembered');
  });

  it('that is down stops the reading ahead, and all is written once it is back', async (context) => {
    const { api, run } = await begin(context, 2_000, { sync: 'segment: { records: 200 }' });
    api.refuse = () => ({ status: 503 });
    const running = run();
    await until('a few failures', async () => api.answered(503) >= 6);
    const { pagesRead } = api;
    await sleep(1_500);
    assert.ok(api.pagesRead <= 9, `${api.pagesRead} of 40 pages read`);
    assert.ok(api.pagesRead - pagesRead <= 5);
    api.refuse = () => undefined;
    const { code, text } = await running;
    assert.equal(code, 0, text);
    assert.equal(api.contacts.size, 2_000);
  });
});

it('a write that a dead run of another sync has left does not hold up those who write to the same record', async (context) => {
  const { api, project, worker, run } = await begin(context, 60, { connection: 'timeouts: { request: 1s }\napplyDelay: 1s' });
  const people = smallProject(api.url)['syncs/people.yaml'] ?? '';
  project.write('syncs/members.yaml', people);
  api.stalls = true;
  assert.equal((await project.cli('run', 'members', '--yes', '--detach')).code, 0);
  await until('a write without an answer', () => api.stalled > 0);
  worker.child.kill('SIGKILL');
  await terminate(project, 'members');
  api.stalls = false;
  await project.startWorker();
  const { code, text } = await run();
  assert.equal(code, 0, text);
  const story = await project.cli('records', 'members', '--key', '1');
  assert.match(story.stdout, /taken over[\s\S]*(created|written)/i, 'it was resolved by the rules of its own sync');
});

async function terminate(project: Project, sync: string): Promise<void> {
  const connection = await Connection.connect({ address: project.env['TEMPORAL_ADDRESS'] ?? '' });
  const { name } = z.object({ name: z.string() }).parse(parse(readFileSync(`${project.directory}/syncline.yaml`, 'utf8')));
  await new Client({ connection }).workflow.getHandle(`sync/${name}/dev/${sync}`).terminate('the test ends it');
  await connection.close();
}
