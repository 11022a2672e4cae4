import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, it, type TestContext } from 'node:test';
import { z } from 'zod';
import { finished } from '../support/project.ts';
import { Stack } from '../support/stack.ts';
import { until } from '../support/until.ts';

const SYNC = 'contacts-to-hubspot';
const countsSchema = z.record(z.string(), z.number());
const planSchema = z.object({
  plan: z.object({
    counts: countsSchema,
    changes: z.array(
      z.object({ action: z.string(), key: z.string(), fields: z.array(z.object({ field: z.string(), before: z.unknown().optional(), after: z.unknown() })) }),
    ),
    remarks: z.array(z.string()),
  }),
});
const shownSchema = z.object({ run: z.object({ totals: countsSchema }) });
/** What a plan may not touch. */
const TABLES = ['records', 'changes', 'sightings', 'runs', 'segments', 'batches', 'verdicts', 'absences', 'cursors', 'lookups'];

async function begin(context: TestContext, sync: (text: string) => string = (text) => text) {
  const stack = await Stack.start(['--contacts', '80', '--bad-percent', '0']);
  context.after(() => stack.stop());
  stack.project.edit(`syncs/${SYNC}.yaml`, sync);
  for (const key of ['11', '12']) await stack.changeContact(key, { email_address: '' });
  await stack.project.startWorker();
  return stack;
}

async function planOf(stack: Stack) {
  const { code, stdout, stderr } = await stack.project.cli('plan', SYNC, '--json');
  assert.equal(code, 0, stderr);
  return planSchema.parse(JSON.parse(stdout)).plan;
}

/** Plans, then runs; the run's counts in the plan's names. */
async function planAndRun(stack: Stack) {
  const { counts } = await planOf(stack);
  const run = await stack.project.cli('run', SYNC, '--yes');
  assert.ok(run.code === 0 || run.code === 4, run.stdout + run.stderr);
  const shown = await stack.project.cli('show', 'last', '--json');
  const { totals } = shownSchema.parse(JSON.parse(shown.stdout)).run;
  const of = (name: string) => totals[name] ?? 0;
  const done = { read: of('read'), create: of('created'), update: of('updated'), delete: of('deleted') };
  return { planned: counts, done: { ...done, unchanged: of('unchanged'), skipped: of('skipped'), rejected: of('rejected'), held: of('held') } };
}

function contentOf(stack: Stack): Readonly<Record<string, string>> {
  const database = new DatabaseSync(join(stack.project.directory, '.syncline/ledger.db'), { readOnly: true });
  try {
    return Object.fromEntries(TABLES.map((table) => [table, JSON.stringify(database.prepare(`SELECT * FROM ${table} ORDER BY 1, 2`).all())]));
  } finally {
    database.close();
  }
}

describe('plan', { concurrency: 3 }, () => {
  it('says what the run then does, first and later, with creates, updates and deletes', async (context) => {
    const stack = await begin(context, (text) => `${text.replace('matchOn: email', 'matchOn: email\n  mode: mirror')}guard: { maxDeletedPercent: 50 }\n`);
    const first = await planAndRun(stack);
    assert.deepEqual(first.planned, first.done);
    assert.ok(first.planned['create'] === 78 && first.planned['rejected'] === 2);
    for (const key of ['3', '9', '27']) await stack.changeContact(key, { company: `Renamed ${key}` });
    for (const key of ['5', '55']) await stack.askCrm('DELETE', `/${key}`);
    const second = await planAndRun(stack);
    assert.deepEqual(second.planned, second.done);
    assert.ok(second.planned['update'] === 3 && second.planned['delete'] === 2);
    const third = await planOf(stack);
    assert.deepEqual([third.counts['create'], third.counts['update'], third.counts['delete'], third.changes], [0, 0, 0, []]);
  });

  it('changes nothing, in the target or the ledger', async (context) => {
    const stack = await begin(context);
    await stack.project.cli('run', SYNC, '--yes');
    await stack.changeContact('3', { company: 'Renamed' });
    const [state, content] = [await stack.hubspotState(), contentOf(stack)];
    const plan = await planOf(stack);
    assert.equal(plan.counts['update'], 1);
    assert.equal((await stack.hubspotState()).writes, state.writes);
    assert.deepEqual(contentOf(stack), content);
  });

  it('waits a while for an API that is away, and says so; then it gives up, and says so, too', async (context) => {
    const stack = await begin(context);
    await stack.setFaults('hubspot', { isDown: true });
    const command = stack.project.spawnCli('plan', SYNC);
    const planning = finished(command);
    let said = '';
    command.stderr?.on('data', (chunk: string) => (said += chunk));
    await until('it to try again', () => said.includes('tries again'));
    await stack.setFaults('hubspot', { isDown: false });
    const { code, stdout, stderr } = await planning;
    assert.equal(code, 0, stdout + stderr);
    assert.match(stdout, /78 changes/);
    assert.match(stderr, /! hubspot answered 503: .+ Syncline tries again\.\n/);
    await stack.setFaults('hubspot', { isDown: true });
    const given = await stack.project.cli('plan', SYNC);
    assert.deepEqual([given.code, given.stdout], [5, '']);
    assert.match(given.stderr, /Syncline tries again\.\n✗ hubspot answered 503: .+ Try again when it answers\.\n$/);
  });

  it('says what a definition that has changed means, before it is used; so does a run', async (context) => {
    const stack = await begin(context);
    assert.equal((await stack.project.cli('run', SYNC, '--yes')).code, 0);
    stack.project.edit(`syncs/${SYNC}.yaml`, (text) => text.replace(/^ {2}firstname: .+$/m, '  firstname: last_name').replace(/^ {2}company: .+\n/m, ''));
    const ofOne = await stack.project.cli('run', SYNC, '--key', '3', '--full', '--yes');
    assert.equal(ofOne.code, 0);
    assert.match(ofOne.stderr.replaceAll(/\s+/g, ' '), /See them first: syncline plan contacts-to-hubspot --full/);
    const [remark] = (await planOf(stack)).remarks;
    assert.match(
      remark ?? '',
      /^The definition has changed since the last run \(.+\): mapping: firstname changed, company removed\. .+ 77 records would be updated\.$/,
    );
    const run = await stack.project.cli('run', SYNC, '--yes');
    assert.match(
      run.stderr.replaceAll(/\s+/g, ' '),
      /mapping: firstname changed, company removed\. Up to 80 records would be updated\. See them first: syncline plan contacts-to-hubspot/,
    );
    assert.match(run.stdout, /updated\s+77\b/);
    assert.deepEqual((await planOf(stack)).remarks, []);
    assert.doesNotMatch((await stack.project.cli('run', SYNC, '--yes')).stderr, /has changed/);
  });

  it('shows each field with its value in the target, and says 2 where a script asks', async (context) => {
    const stack = await begin(context);
    await stack.project.cli('run', SYNC, '--yes');
    const clean = await stack.project.cli('plan', SYNC, '--detailed-exitcode');
    assert.equal(clean.code, 0, clean.stderr);
    assert.match(clean.stdout, /nothing to do/);
    await stack.changeContact('3', { company: 'Renamed' });
    const { code, stdout, stderr } = await stack.project.cli('plan', SYNC, '--detailed-exitcode', '--out', join(stack.project.directory, 'contacts.plan'));
    assert.equal(code, 2, stderr);
    assert.match(stdout, /1 change, by a read of everything; nothing was written/);
    assert.match(stdout, /~ 3 {2}\S+@\S+/);
    assert.match(stdout, /company {2}.+ → Renamed/);
    assert.match(stdout, /Would be refused or held/);
    assert.match(stdout, /hubspot {2}\d+ requests?/);
    assert.equal(statSync(join(stack.project.directory, 'contacts.plan')).mode & 0o777, 0o600);
  });
});
