import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { it, type TestContext } from 'node:test';
import { verify } from '../../scripts/demo/verify.ts';
import { temporaryDatabases } from '../support/databases.ts';
import { Project } from '../support/project.ts';
import { SmallApi, smallProject } from '../support/small-api.ts';
import { Stack } from '../support/stack.ts';
import { until } from '../support/until.ts';

const makeDatabase = temporaryDatabases();

it('with its ledger on PostgreSQL, a worker killed in the middle loses nothing and doubles nothing, and a second run sends nothing', async (context) => {
  const stack = await Stack.start(['--contacts', '1200', '--latency-ms', '60']);
  context.after(() => stack.stop());
  stack.project.env['SYNCLINE_LEDGER'] = await makeDatabase();
  stack.project.edit('connections/hubspot.yaml', (text) => text.replace('count: 200, per: 1s', 'count: 8, per: 1s'));
  const first = await stack.project.startWorker();
  const running = stack.project.cli('run', 'contacts-to-hubspot', '--yes');
  await until('some contacts to be written', async () => ((await stack.hubspotState()).counts['contacts'] ?? 0) > 300);
  first.child.kill('SIGKILL');
  await stack.project.startWorker();
  const { code, stdout, stderr } = await running;
  assert.equal(code, 0, stdout + stderr);
  const found = await verify(stack.crm, stack.hubspot);
  assert.deepEqual([found.different, found.doubled], [[], []]);
  assert.equal(found.equal + found.absent.length, 1200);

  const before = (await stack.hubspotState()).writes;
  const again = await stack.project.cli('run', 'contacts-to-hubspot', '--full');
  assert.equal(again.code, 0, again.stdout + again.stderr);
  assert.equal((await stack.hubspotState()).writes, before);
  const records = await stack.project.cli('records', 'contacts-to-hubspot', '--key', '1');
  assert.match(records.stdout, /first|read for the first time/);
});

it('two workers on machines of their own share one ledger, the work and the limits of an account', async (context) => {
  const perSecond = 40;
  const api = await SmallApi.start(600);
  const asked: number[] = [];
  api.admit = () => {
    asked.push(performance.now());
    return undefined;
  };
  const files = smallProject(api.url, { connection: `limits: { requests: [{ count: ${perSecond}, per: 1s }] }` });
  context.after(() => api.stop());
  const machines = await startMachines(context, {
    ...files,
    'connections/small.yaml': (files['connections/small.yaml'] ?? '').replace('max: 50', 'max: 5'),
    'syncs/notes.yaml': (files['syncs/people.yaml'] ?? '').replace('object: contacts', 'object: notes'),
  });
  const [here] = machines;
  const runs = await Promise.all(['people', 'notes'].map((sync) => here.cli('run', sync, '--yes')));
  for (const { code, stdout, stderr } of runs) assert.equal(code, 0, stdout + stderr);
  assert.deepEqual([api.contacts.size, api.notes.size], [600, 600]);
  const most = Math.max(...asked.map((from, n) => asked.slice(n).filter((at) => at < from + 1_000).length));
  assert.ok(most <= perSecond * 1.15, `${most} requests in a second, ${perSecond} are allowed`);
  for (const { directory } of machines) {
    const log = readFileSync(join(directory, '.syncline/logs/worker.log'), 'utf8');
    assert.match(log, /people|notes/, 'each worker had a part in it');
  }
});

it('a ledger that is not there ends a command with one sentence and exit code 5, and the password is not in it', async (context) => {
  const project = await Project.create({}, { SYNCLINE_LEDGER: 'postgres://sync:s3cret-word@127.0.0.1:9/sync' });
  context.after(() => project.stop());
  project.write('syncs/people.yaml', '');
  const { code, stdout, stderr } = await project.cli('status');
  assert.equal(code, 5, stdout + stderr);
  assert.match(
    stderr,
    /The PostgreSQL of the ledger at 127\.0\.0\.1:9 does not answer \(.*\)\. Check that it runs, and host and port in the URL of the ledger\./,
  );
  assert.doesNotMatch(stdout + stderr, /s3cret-word/);
});

/** Two folders with the same project, as they are on two machines: what they share is the ledger, its key and the Temporal server. Each worker reads and writes one sync at a time. */
async function startMachines(context: TestContext, files: Readonly<Record<string, string>>): Promise<readonly [Project, Project]> {
  const url = await makeDatabase();
  const shared = { SYNCLINE_LEDGER: url, SYNCLINE_ENCRYPTION_KEY: randomBytes(32).toString('base64'), SYNCLINE_SLOTS: '1', SYNCLINE_LOG_LEVEL: 'debug' };
  const here = await Project.create(files, shared);
  const there = await Project.create(files, shared);
  context.after(async () => {
    await here.stop();
    await there.stop();
  });
  there.write('syncline.yaml', readFileSync(join(here.directory, 'syncline.yaml'), 'utf8'));
  for (const machine of [here, there]) await machine.startWorker();
  return [here, there];
}
