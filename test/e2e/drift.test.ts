import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { Client, Connection } from '@temporalio/client';
import { Project } from '../support/project.ts';
import { type Person, SmallApi, smallProject } from '../support/small-api.ts';
import { Stack } from '../support/stack.ts';

const MAPPING = `
  phone: phone
  full: { expression: "name & ' ' & phone" }
  kind: { from: kind, default: none }
`;
const PHONE_VANISHED = /phone has vanished: all of 60 records had it, now none of 60 \(used by mapping\.phone, mapping\.full\)/;

type Shown = SmallApi['shown'];
const shownWith =
  (more: (person: Person) => object): Shown =>
  (person) => ({ ...person, ...more(person) });
const WHOLE = shownWith(({ id }) => ({ phone: `+1 ${id}`, kind: 'lead', unused: true }));
const NO_PHONE = shownWith(() => ({ kind: 'lead', unused: true }));
const NULL_PHONE = shownWith(() => ({ phone: null, kind: 'lead', unused: true }));
const NUMBER_PHONE = shownWith(({ id }) => ({ phone: id, kind: 'lead', unused: true }));

interface Setting {
  readonly drift: 'stop' | 'warn' | 'ignore';
  readonly people?: number;
  readonly source?: string;
  readonly more?: string;
}

/** People with a phone, run once. */
async function begin(context: TestContext, { drift, people = 60, source = '', more = '' }: Setting) {
  const api = await SmallApi.start(people);
  const project = await Project.create(smallProject(api.url, { source, sync: `${MAPPING.slice(1)}drift: ${drift}\n${more}` }));
  context.after(async () => {
    await project.stop();
    await api.stop();
  });
  // The others are older than what a window begins with.
  api.change(people, `Person ${people}`, 1);
  api.shown = WHOLE;
  await project.startWorker();
  const cli = async (...args: readonly string[]) => {
    const { code, stdout, stderr } = await project.cli(...args);
    return { code, text: (stdout + stderr).replaceAll(/\s+/g, ' ') };
  };
  const run = (...flags: readonly string[]) => cli('run', 'people', '--yes', ...flags);
  const first = await run();
  assert.equal(first.code, 0, first.text);
  return { api, project, cli, run };
}

/** All that Temporal keeps of the last run of the project's sync. */
async function historyOf(project: Project, name: string): Promise<string> {
  const connection = await Connection.connect({ address: String(project.env['TEMPORAL_ADDRESS']) });
  try {
    const workflowId = `sync/${name}/dev/people`;
    return JSON.stringify(await new Client({ connection }).workflow.getHandle(workflowId).fetchHistory());
  } finally {
    await connection.close();
  }
}

describe('a field that vanishes from the source', { concurrency: 2 }, () => {
  it('with drift: stop ends the run before anything is written, until it is accepted', async (context) => {
    const { api, project, cli, run } = await begin(context, { drift: 'stop' });
    const writes = api.answered(200);
    api.shown = NO_PHONE;
    api.change(7, 'Renamed', 5);
    const plan = await cli('plan', 'people');
    assert.match(plan.text, PHONE_VANISHED);
    assert.match(plan.text, /The run would stop for that/);
    const stopped = await run();
    assert.equal(stopped.code, 1, stopped.text);
    assert.match(stopped.text, PHONE_VANISHED);
    assert.match(stopped.text, /Nothing has been written/);
    assert.match(stopped.text, /run people --accept-drift/);
    const name = /"project": "([^"]+)"/.exec((await cli('status', '--json')).text)?.[1] ?? '';
    const history = await historyOf(project, name);
    assert.match(history, /SCHEMA_DRIFT/);
    assert.doesNotMatch(history, /phone|Renamed/);
    assert.match((await cli('status')).text, /people: changed at the source: phone/);
    const again = await run();
    assert.equal(again.code, 1, 'the next run finds it, too');
    assert.equal(api.answered(200), writes);
    const accepted = await run('--accept-drift');
    assert.equal(accepted.code, 0, accepted.text);
    assert.match(accepted.text, /Accepted: phone has vanished/);
    assert.equal(api.contacts.get('p7@example.test')?.name, 'Renamed');
    assert.equal((await run()).code, 0);
  });

  it('with drift: warn is told, and leaves in the target what was told there, until it is accepted or there again', async (context) => {
    const { api, cli, run } = await begin(context, { drift: 'warn' });
    const writes = api.answered(200);
    api.shown = NO_PHONE;
    api.change(7, 'Renamed', 5);
    const warned = await run();
    assert.equal(warned.code, 4, warned.text);
    assert.match(warned.text, PHONE_VANISHED);
    assert.match(warned.text, /updated 1 /);
    assert.equal(api.answered(200), writes + 1, 'what has not changed is not written');
    for (const [email, { full, phone }] of api.contacts) assert.match(`${String(full)} ${String(phone)}`, /^Person \d+ \+1 \d+ \+1 \d+$/, email);
    assert.equal(api.contacts.get('p7@example.test')?.name, 'Renamed');
    assert.match((await cli('runs', 'people')).text, /completed, drift/);
    assert.match((await cli('status')).text, /changed at the source: phone/);
    assert.match((await cli('show', 'last', '--shape')).text, /phone.* vanished/);
    assert.equal((await run()).code, 4, 'it is told until it is accepted, or there again');
    api.shown = WHOLE;
    const healed = await run();
    assert.equal(healed.code, 0, healed.text);
    assert.doesNotMatch((await cli('status')).text, /changed at the source/);
  });

  it('with drift: ignore is taken as the definition has it', async (context) => {
    const { api, run } = await begin(context, { drift: 'ignore' });
    api.shown = shownWith(() => ({}));
    const { code, text } = await run();
    assert.equal(code, 0, text);
    assert.deepEqual([api.contacts.get('p3@example.test')?.['full'], api.contacts.get('p3@example.test')?.['kind']], ['Person 3 ', 'none']);
  });

  it('in a small incremental read is no finding, and blanks nothing; in a larger one it is', async (context) => {
    const { api, cli, run } = await begin(context, { drift: 'stop', source: '  incremental: { cursorField: updated_at }' });
    api.shown = NO_PHONE;
    for (const id of [3, 4, 5]) api.change(id, 'Renamed', 5);
    const small = await run();
    assert.equal(small.code, 0, small.text);
    assert.match(small.text, /updated 3 /);
    assert.deepEqual([api.contacts.get('p3@example.test')?.['phone'], api.contacts.get('p3@example.test')?.name], ['+1 3', 'Renamed']);
    for (let id = 10; id < 30; id++) api.change(id, 'Renamed', 10);
    const larger = await run();
    assert.equal(larger.code, 1, larger.text);
    assert.match(larger.text, /phone has vanished/);
    const accepted = await run('--accept-drift');
    assert.equal(accepted.code, 0, accepted.text);
    assert.equal(api.contacts.get('p12@example.test')?.name, 'Renamed');
    assert.match((await cli('runs', 'people', '--json')).text, /"changedFields": \[ "phone" \]/);
  });

  it('in the middle of a read stops it there: what was looked at before is written, nothing after', async (context) => {
    const { api, run } = await begin(context, { drift: 'stop', people: 200, more: 'segment: { records: 50 }\n' });
    for (let id = 1; id <= 200; id++) api.change(id, 'Renamed', 5);
    api.shown = (person) => (person.id > 100 ? NO_PHONE : WHOLE)(person);
    const { code, text } = await run();
    assert.equal(code, 1, text);
    assert.match(text, /Of segment 2, and after it, nothing has been written/);
    const renamed = [...api.contacts.values()].filter(({ name }) => name === 'Renamed').length;
    assert.equal(renamed, 100);
  });

  it('is only told where the sync does not use it', async (context) => {
    const { api, run } = await begin(context, { drift: 'stop' });
    api.shown = shownWith(({ id }) => ({ phone: `+1 ${id}`, kind: 'lead', fresh: 1 }));
    const { code, text } = await run();
    assert.equal(code, 0, text);
    assert.match(text, /not used here: fresh is new: a number, in all of 60 records\./);
    assert.match(text, /not used here: unused has vanished/);
  });
});

describe('a field that changes its type, or is null in every record', { concurrency: 2 }, () => {
  const changes: readonly (readonly [what: string, shown: Shown, words: RegExp, after: unknown])[] = [
    ['another type', NUMBER_PHONE, /phone was a string and is a number/, 3],
    ['all null', NULL_PHONE, /phone is null in every record: all of 60 records had a value, now none of 60/, null],
  ];
  for (const [what, shown, words, after] of changes) {
    it(`${what}: with drift: stop nothing is written; accepted, it is`, async (context) => {
      const { api, run } = await begin(context, { drift: 'stop' });
      api.shown = shown;
      const stopped = await run();
      assert.equal(stopped.code, 1, stopped.text);
      assert.match(stopped.text, words);
      assert.equal(api.contacts.get('p3@example.test')?.['phone'], '+1 3');
      const accepted = await run('--accept-drift');
      assert.equal(accepted.code, 0, accepted.text);
      assert.equal(api.contacts.get('p3@example.test')?.['phone'], after);
      assert.equal((await run()).code, 0);
    });

    it(`${what}: with drift: warn it is written and told, with ignore only written`, async (context) => {
      const { api, project, run } = await begin(context, { drift: 'warn' });
      api.shown = shown;
      const warned = await run();
      assert.equal(warned.code, 4, warned.text);
      assert.match(warned.text, words);
      assert.equal(api.contacts.get('p3@example.test')?.['phone'], after);
      project.edit('syncs/people.yaml', (text) => text.replace('drift: warn', 'drift: ignore'));
      const ignored = await run();
      assert.equal(ignored.code, 0, ignored.text);
      assert.doesNotMatch(ignored.text, words);
    });
  }
});

describe('a field by which records leave the target', () => {
  it('where it vanishes, nothing is deleted', async (context) => {
    const sync = 'syncs/contacts-to-hubspot.yaml';
    const stack = await Stack.start(['--contacts', '30', '--bad-percent', '0']);
    context.after(() => stack.stop());
    stack.project.edit(sync, (text) =>
      text
        .replace('matchOn: email', 'matchOn: email\n  mode: mirror')
        .replace('  object: contacts\ntarget', '  object: contacts\n  filter: "status != \'archived\'"\ntarget'),
    );
    stack.project.edit(sync, (text) => `${text}guard: { maxDeletedPercent: 100 }\n`);
    await stack.project.startWorker();
    const run = async () => {
      const { code, stdout, stderr } = await stack.project.cli('run', 'contacts-to-hubspot', '--yes');
      return { code, text: (stdout + stderr).replaceAll(/\s+/g, ' ') };
    };
    const first = await run();
    assert.equal(first.code, 0, first.text);
    const before = (await stack.hubspotState()).counts;
    stack.project.edit('connections/crm.yaml', (text) =>
      text.replace('records: data', `records: "data.$sift(function($v, $k) { $k != 'status' })"`).replace(', total: meta.total', ''),
    );
    const planned = await stack.project.cli('plan', 'contacts-to-hubspot');
    assert.match(planned.stdout, /status has vanished/);
    assert.doesNotMatch(planned.stdout, /would ask before it deletes/);
    const { code, text } = await run();
    assert.equal(code, 4, text);
    assert.match(text, /status has vanished.*used by .*source\.filter/);
    assert.match(text, /Nothing was deleted: a field by which records leave/);
    assert.deepEqual((await stack.hubspotState()).counts, before);
  });
});
