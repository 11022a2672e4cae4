import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { Client, Connection } from '@temporalio/client';
import { parse } from 'yaml';
import { z } from 'zod';
import { Project } from '../support/project.ts';
import { SmallApi, smallProject } from '../support/small-api.ts';
import { Stack } from '../support/stack.ts';
import { TemporalFront } from '../support/temporal-front.ts';
import { until } from '../support/until.ts';

const IS_LONG = process.env['SYNCLINE_TEST_LONG'] === '1';
const CONTACTS = 'contacts-to-hubspot';
const PEOPLE = 240;
/** Person 1 was changed at three minutes past midnight, the others three minutes apart. */
const MINUTES_APART = 3;
const MORNING = ['--from', '2026-01-01', '--to', '2026-01-01T06:00:00Z'];
const MORNINGS_PEOPLE = 119;
const SLOW = 'limits: { requests: [{ count: 4, per: 1s }] }';
const runsSchema = z.object({
  runs: z.array(
    z.object({
      id: z.string(),
      trigger: z.string(),
      state: z.string(),
      window: z.object({ from: z.string().optional(), to: z.string().optional() }),
      totals: z.record(z.string(), z.number()),
    }),
  ),
});

const auditSchema = z.object({ entries: z.array(z.object({ action: z.string() })) });

interface Setting {
  readonly connection?: string;
  readonly sync?: string;
}

/** Everybody is sent once; then the mapping is mended, which an incremental run does for new records only. */
async function begin(context: TestContext, more: Setting = {}) {
  const api = await SmallApi.start(0);
  for (let id = 1; id <= PEOPLE; id++) api.change(id, `Person ${id}`, id * MINUTES_APART);
  const project = await Project.create(smallProject(api.url, { source: '  incremental: { cursorField: updated_at }', ...more }));
  context.after(async () => {
    await project.cli('cancel', 'people', '--backfill', '--yes');
    await project.stop();
    await api.stop();
  });
  const worker = await project.startWorker();
  const cli = async (...args: string[]) => {
    const { code, stdout, stderr } = await project.cli(...args, '--yes');
    return { code, text: stdout + stderr };
  };
  assert.equal((await cli('run', 'people')).code, 0);
  project.edit('syncs/people.yaml', (text) => text.replace('  name: name', `  name: { expression: "name & '!'" }`));
  const runs = async () => runsSchema.parse(JSON.parse((await project.cli('runs', 'people', '--limit', '100', '--json')).stdout)).runs;
  const nameOf = (id: number) => api.contacts.get(`p${id}@example.test`)?.name;
  const mended = () => [...api.contacts.values()].filter(({ name }) => name?.endsWith('!') === true).length;
  return { api, project, worker, cli, runs, nameOf, mended };
}

describe('backfill', { concurrency: 2 }, () => {
  it('reads a range of the past again, window by window, and nothing else; a second one sends nothing', async (context) => {
    const { api, cli, runs, nameOf, mended } = await begin(context);
    assert.equal((await cli('run', 'people')).code, 0);
    assert.equal(mended(), 1, 'an incremental run reads what lies at its watermark, and nothing old');
    const { code, text } = await cli('backfill', 'people', ...MORNING, '--partition', '2h', '--parallel', '2');
    assert.equal(code, 0, text);
    assert.match(text, /✓ people {2}3 of 3 windows \(100 %\) {2}119 read, 119 updated/);
    assert.deepEqual([mended(), nameOf(1), nameOf(119), nameOf(120)], [MORNINGS_PEOPLE + 1, 'Person 1!', 'Person 119!', 'Person 120']);
    const windows = (await runs()).filter(({ trigger }) => trigger === 'backfill');
    assert.deepEqual(
      windows.map(({ window, state }) => [window.from, window.to, state]).toSorted(),
      [0, 2, 4].map((hour) => [`2026-01-01T0${hour}:00:00.000Z`, `2026-01-01T0${hour + 2}:00:00.000Z`, 'completed']),
    );
    const writes = api.answered(200);
    assert.match((await cli('backfill', 'people', ...MORNING)).text, /1 of 1 window .+119 unchanged/);
    assert.equal(api.answered(200), writes);
    const next = await cli('run', 'people');
    assert.match(next.text, /books\s+closed/);
    assert.equal(mended(), MORNINGS_PEOPLE + 1, 'the watermark did not move');
  });

  it('does not stand in the way of a live run, and never writes the old over the new', async (context) => {
    const { api, project, cli, nameOf, mended } = await begin(context, { connection: SLOW });
    const backfilling = project.cli('backfill', 'people', ...MORNING, '--partition', '15m', '--parallel', '2', '--yes');
    await until('the backfill to write', () => mended() > 1);
    for (const id of [2, 60, 118]) api.change(id, 'Newest', 1_000 + id);
    assert.equal((await cli('run', 'people')).code, 0);
    assert.match((await cli('status')).text, /people: \d windows? of a backfill being read/);
    const { code, stdout, stderr } = await backfilling;
    assert.equal(code, 0, stdout + stderr);
    for (const id of [2, 60, 118]) assert.equal(nameOf(id), 'Newest!');
  });

  it('goes on after a worker was killed, is paused, resumed and cancelled', async (context) => {
    const { project, worker, cli, runs, mended } = await begin(context, { connection: SLOW });
    const detached = await project.cli('backfill', 'people', ...MORNING, '--partition', '1h', '--parallel', '2', '--detach', '--yes', '--json');
    assert.equal(JSON.parse(detached.stdout).backfill.windows, 6, 'one document');
    assert.match((await cli('backfill', 'people', ...MORNING)).text, /A backfill of people is running\. Follow it with "syncline backfill people/);
    await until('the backfill to write', () => mended() > 0);
    worker.child.kill('SIGKILL');
    await project.startWorker();
    assert.match((await cli('pause', 'people', '--backfill')).text, /The backfill of people is paused/);
    await until(
      'its windows to be paused',
      async () => !(await runs()).some(({ trigger, state }) => trigger === 'backfill' && (state === 'running' || state === 'requested')),
    );
    assert.match((await cli('resume', 'people', '--backfill')).text, /The backfill of people goes on/);
    const { code, text } = await cli('backfill', 'people');
    assert.equal(code, 0, text);
    assert.match(text, /✓ people {2}6 of 6 windows/);
    assert.equal(mended(), MORNINGS_PEOPLE);
    await cli('backfill', 'people', '--from', '2026-01-01T06:00:00Z', '--partition', '1h', '--to', '2026-01-02', '--detach');
    const cancelled = await cli('cancel', 'people', '--backfill');
    assert.match(cancelled.text, /What it has written stays/, cancelled.text);
    assert.ok((await runs()).every(({ state }) => state !== 'running' && state !== 'requested'));
    const { entries } = auditSchema.parse(JSON.parse((await project.cli('audit', '--json')).stdout));
    assert.deepEqual(entries.flatMap(({ action }) => (action.startsWith('backfill.') ? [action] : [])).toReversed(), [
      'backfill.started',
      'backfill.paused',
      'backfill.resumed',
      'backfill.started',
      'backfill.cancelled',
    ]);
  });

  it('has ended as it ended, whoever asks when nobody answers', async (context) => {
    const { project, cli, mended } = await begin(context);
    const { TEMPORAL_ADDRESS: upstream = '' } = project.env;
    let lost = 0;
    const trouble = (method: string) => {
      if (method !== 'QueryWorkflow' || mended() < MORNINGS_PEOPLE || lost >= 12) return undefined;
      lost += 1;
      return { delayMs: 0, isLost: true };
    };
    const front = await TemporalFront.start({ upstream, trouble });
    context.after(() => front.stop());
    project.env['TEMPORAL_ADDRESS'] = front.address;
    const { code, text } = await cli('backfill', 'people', ...MORNING, '--partition', '6h');
    project.env['TEMPORAL_ADDRESS'] = upstream;
    assert.equal(lost, 12);
    assert.equal(code, 0, text);
    assert.match(text, /✓ people {2}1 of 1 window/);
  });

  it('says which windows failed, and how to go on', async (context) => {
    const { api, cli } = await begin(context);
    api.admit = ({ url = '' }) => (url.includes('since=2026-01-01T01') ? { status: 404, body: { message: 'gone' } } : undefined);
    const { code, text } = await cli('backfill', 'people', ...MORNING, '--partition', '2h', '--parallel', '1');
    assert.notEqual(code, 0);
    assert.match(text, /✗ people {2}2 of 3 windows \(66 %\), 1 failed/);
    assert.match(text, /go on: syncline backfill people --from 2026-01-01T02:00:00\.000Z --to 2026-01-01T06:00:00\.000Z/);
  });

  it('says what is wrong with a range; where the source knows no end, all is one window', async (context) => {
    const { cli, project, mended } = await begin(context);
    const cases: readonly (readonly [string[], RegExp])[] = [
      [[], /No backfill of people is running\. Say what to read: syncline backfill people --from 2026-01-01/],
      [['--from', 'yesterday'], /"yesterday" is no time: write 2026-01-31/],
      [['--from', '2026-02-01', '--to', '2026-01-01'], /is not before/],
      [['--from', '2026-01-01', '--to', '2026-02-01', '--partition', '1m'], /that is 44640 windows, and 10000 are the most/],
      [['--from', '2026-01-01', '--partition', 'daily'], /expected a duration/],
    ];
    for (const [args, message] of cases) {
      const { code, text } = await cli('backfill', 'people', ...args);
      assert.deepEqual([code, message.test(text)], [2, true], text);
    }
    project.edit('connections/small.yaml', (text) => text.replace(', until: { value: "{window.to}", optional: true }', ''));
    const open = await cli('backfill', 'people', ...MORNING, '--partition', '1h');
    assert.match(open.text, /takes no \{window\.to\}/);
    assert.match(open.text, /1 of 1 window .+119 read/);
    assert.equal(mended(), MORNINGS_PEOPLE, 'what is beyond is left out');
    project.edit('syncs/people.yaml', (text) => text.replace(/^ {2}incremental: .+\n/m, ''));
    assert.match((await cli('backfill', 'people', ...MORNING)).text, /reads everything each time.+use "syncline run people --full/);
  });
});

describe('a live run', { concurrency: 2 }, () => {
  it('deletes nothing while a window is being read, and the next one does', async (context) => {
    const stack = await Stack.start(['--contacts', '40', '--bad-percent', '0']);
    context.after(async () => {
      await stack.project.cli('cancel', CONTACTS, '--backfill', '--yes');
      await stack.stop();
    });
    stack.project.edit(`syncs/${CONTACTS}.yaml`, (text) =>
      text
        .replace('matchOn: email', 'matchOn: email\n  mode: mirror')
        .replace('object: contacts', 'object: contacts\n  incremental: { cursorField: updated_at }\n  fullRead: { every: 1s }'),
    );
    await stack.project.startWorker();
    const cli = async (...args: string[]) => {
      const { code, stdout, stderr } = await stack.project.cli(...args, '--yes');
      return { code, text: stdout + stderr };
    };
    assert.equal((await cli('run', CONTACTS)).code, 0);
    await stack.askCrm('DELETE', '/7');
    await stack.setFaults('crm', { latencyMs: 12_000 });
    assert.equal((await cli('backfill', CONTACTS, '--from', '2020-01-01', '--partition', '3650d', '--detach')).code, 0);
    await until('the window to be read', async () => /1 window of a backfill/.test((await cli('status')).text));
    await cli('pause', CONTACTS, '--backfill');
    await until('the window to be told', async () => /paused/.test((await cli('runs', CONTACTS)).text));
    await stack.setFaults('crm', { latencyMs: 0 });
    const beside = await cli('run', CONTACTS);
    assert.match(beside.text, /Nothing was deleted: a backfill was being read/);
    assert.equal((await stack.hubspotState()).counts['contacts'], 40);
    await cli('resume', CONTACTS, '--backfill');
    await until('the backfill to end', async () => !/of a backfill/.test((await cli('status')).text));
    const after = await cli('run', CONTACTS, '--full');
    assert.match(after.text, /deleted\s+1\b/, after.text);
    assert.equal((await stack.hubspotState()).counts['contacts'], 39);
  });

  if (IS_LONG)
    it('takes over what a window that was terminated has left', async (context) => {
      const { api, project, cli, runs, mended } = await begin(context, { connection: SLOW });
      await cli('backfill', 'people', ...MORNING, '--partition', '6h', '--detach');
      await until('the window to write', () => mended() > 1);
      await terminate(project, ['backfill/people', 'backfill/people/2026-01-01T00:00:00.000Z']);
      api.change(2, 'Newest', 1_000);
      const { code, text } = await cli('run', 'people');
      assert.equal(code, 0, text);
      assert.equal(api.contacts.get('p2@example.test')?.name, 'Newest!');
      assert.deepEqual(
        (await runs()).filter(({ trigger }) => trigger === 'backfill').map(({ state }) => state),
        ['abandoned'],
      );
      assert.equal((await cli('backfill', 'people', ...MORNING)).code, 0);
      assert.equal(mended(), MORNINGS_PEOPLE + 1);
    });
});

/** @param ids of workflows, as people write them */
async function terminate(project: Project, ids: readonly string[]): Promise<void> {
  const connection = await Connection.connect({ address: project.env['TEMPORAL_ADDRESS'] ?? '' });
  const { name } = z.object({ name: z.string() }).parse(parse(readFileSync(join(project.directory, 'syncline.yaml'), 'utf8')));
  const { workflow } = new Client({ connection });
  for (const id of ids)
    await workflow
      .getHandle(id.replace('backfill/', `backfill/${name}/dev/`))
      .terminate('the test ends it')
      .catch(() => undefined);
  await connection.close();
}

describe('a schedule that is backfilled', () => {
  it('runs what was due again, each run with the window since the one before it', async (context) => {
    const { cli, runs, mended } = await begin(context, { sync: 'schedule: { every: 2h }' });
    context.after(() => cli('schedule', 'pause', 'people'));
    assert.equal((await cli('schedule', 'apply')).code, 0);
    const { code, text } = await cli('schedule', 'backfill', 'people', '--from', '2026-01-01T02:00:00Z', '--to', '2026-01-01T06:00:00Z');
    assert.equal(code, 0, text);
    const scheduled = async () => (await runs()).filter(({ trigger, state }) => trigger === 'schedule' && state === 'completed');
    await until('three runs', async () => (await scheduled()).length === 3);
    assert.deepEqual((await scheduled()).map(({ window }) => `${window.from?.slice(11, 13)}-${window.to?.slice(11, 13)}`).toSorted(), [
      '00-02',
      '02-04',
      '04-06',
    ]);
    assert.equal(mended(), MORNINGS_PEOPLE);
  });

  it('leaves nothing out between two runs that begin some time after they are due', async (context) => {
    const { cli, runs, mended } = await begin(context, { sync: 'schedule: { every: 2h, jitter: 1h }' });
    context.after(() => cli('schedule', 'pause', 'people'));
    assert.equal((await cli('schedule', 'apply')).code, 0);
    assert.equal((await cli('schedule', 'backfill', 'people', '--from', '2026-01-01T02:00:00Z', '--to', '2026-01-01T07:00:00Z')).code, 0);
    await until('three runs', async () => (await runs()).filter(({ trigger, state }) => trigger === 'schedule' && state === 'completed').length === 3);
    assert.equal(mended(), MORNINGS_PEOPLE);
  });
});
