import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, type TestContext, test } from 'node:test';
import { Client, Connection, type WorkflowHandle } from '@temporalio/client';
import { finished } from '../support/project.ts';
import { Stack } from '../support/stack.ts';
import { testTemporal } from '../support/temporal.ts';
import { type CallTrouble, TemporalFront } from '../support/temporal-front.ts';
import { until } from '../support/until.ts';

const SYNC = 'contacts-to-hubspot';
const STACK_TRACE = /\n\s+at /;

let stack: Stack;
let worker: Awaited<ReturnType<Stack['project']['startWorker']>>;
before(async () => {
  stack = await Stack.start(['--contacts', '1500', '--bad-percent', '0']);
});
after(() => stack.stop());

test('without a worker nothing is started, and it says what to start', async () => {
  const { code, stdout, stderr } = await stack.project.cli('run', SYNC);
  assert.deepEqual([code, stdout], [5, '']);
  assert.match(stderr, /^✗ No worker is running for e2e-\S+\/dev: start "syncline dev --project \S+" or "syncline worker --project \S+"\.\n$/);
  assert.match((await stack.project.cli('runs', SYNC)).stdout, /has never run here/);
});

test('a target that answers 401 ends the run in one clear sentence with exit code 6', async () => {
  worker = await stack.project.startWorker();
  await stack.setFaults('hubspot', { refusesToken: true });
  const { code, stdout, stderr } = await stack.project.cli('run', SYNC);
  assert.equal(code, 6, stdout + stderr);
  assert.match(stdout, /^✗ failed {2}contacts-to-hubspot in .+\n\n {2}hubspot refused the credentials \(401\)/);
  assert.match(stdout, /CREDENTIALS_REJECTED/);
  assert.match(stderr, /\nNext: syncline check --live --project /);
  assert.doesNotMatch(stdout + stderr, STACK_TRACE);
  assert.doesNotMatch(stdout + stderr, /hubspot-dev-token/);
});

test('a target that is down ends it with exit code 5, and meanwhile says that it is tried again', async () => {
  await stack.setFaults('hubspot', { refusesToken: false, isDown: true });
  const { code, stdout, stderr } = await stack.project.cli('run', SYNC);
  await stack.setFaults('hubspot', { isDown: false });
  assert.equal(code, 5, stdout + stderr);
  assert.match(stdout, /^✗ failed {2}contacts-to-hubspot in .+\n\n {2}hubspot /);
  assert.match(stdout, /SYSTEM_UNAVAILABLE/);
  // Which of the two is seen depends on the moment it is looked at.
  assert.match(stderr, /waiting \d+ s: hubspot answered 503: .+ Syncline tries again\.|trying again, attempt \d: An API cannot be reached\./);
  assert.doesNotMatch(stdout + stderr, STACK_TRACE);
});

test('a run whose workflow is terminated from outside is told as such, and the next one goes on', async () => {
  stack.project.edit('connections/hubspot.yaml', (text) => text.replace('count: 200, per: 1s', 'count: 2, per: 1s'));
  const run = stack.project.cli('run', SYNC);
  await until('some records to be written', async () => ((await stack.hubspotState()).counts['contacts'] ?? 0) > 0);
  await onWorkflow((handle) => handle.terminate('by the test'));
  const { code, stdout, stderr } = await run;
  assert.deepEqual([code, stdout], [1, '']);
  assert.match(
    stderr,
    /✗ The workflow of r_\w+ ended from outside \(terminated\)\. What was written is in the ledger; what is left is taken by the next run: syncline run contacts-to-hubspot --project \S+\n$/,
  );
  stack.project.edit('connections/hubspot.yaml', (text) => text.replace('count: 2, per: 1s', 'count: 200, per: 1s'));
  const next = await stack.project.cli('run', SYNC);
  assert.equal(next.code, 0, next.stdout + next.stderr);
  assert.equal((await stack.hubspotState()).counts['contacts'], 1500);
});

test('a Temporal server with much to do is waited for', async (context) => {
  await throughFront(context, { DescribeTaskQueue: { delayMs: 6_000 }, StartWorkflowExecution: { delayMs: 11_000 } });
  const { code, stdout, stderr } = await stack.project.cli('run', SYNC);
  assert.equal(code, 0, stdout + stderr);
});

for (const [when, delayMs] of [
  ['at work', 0],
  ['ended', 10_000],
] as const)
  test(`a run whose start was taken and not answered is followed as ours, and is ${when} by then`, async (context) => {
    const before = await runsOf();
    await throughFront(context, { StartWorkflowExecution: { delayMs, isLost: true } });
    const { code, stdout, stderr } = await stack.project.cli('run', SYNC);
    assert.equal(code, 0, stdout + stderr);
    assert.match(stdout, /^✓ /);
    assert.doesNotMatch(stderr, /already/);
    const [latest, ...others] = await runsOf();
    assert.equal(latest, 'completed');
    assert.deepEqual(others, before);
  });

test('what cannot stand in for it refuses a run that began meanwhile, and does not follow it as its own', async (context) => {
  const { env } = stack.project;
  const { TEMPORAL_ADDRESS: upstream = '' } = env;
  const front = await throughFront(context, { DescribeTaskQueue: { delayMs: 20_000 } });
  const adopting = finished(stack.project.spawnCli('adopt', SYNC, '--detach', '--yes'));
  env['TEMPORAL_ADDRESS'] = upstream;
  await until('it to have found no run alive', () => front.passed.some(({ method }) => method === 'DescribeTaskQueue'));
  const alive = await startAll(context);
  const { code, stdout, stderr } = await adopting;
  assert.deepEqual([code, stdout], [1, ''], stderr);
  assert.ok(stderr.startsWith(`✗ ${SYNC} is running (${alive}); adopt when it is done. Follow it: syncline run `), stderr);
  await stack.project.cli('cancel', SYNC, '--yes');
});

test('a run that is alive already is named as one that was just started, where it does what was asked for', async (context) => {
  const alive = await startAll(context);
  for (const more of [[], ['--full']]) {
    const { code, stdout, stderr } = await stack.project.cli('run', SYNC, '--detach', ...more);
    assert.deepEqual([code, stdout], [0, `${alive}\n`], stderr);
    assert.match(stderr, /is already running\. Follow it: /);
  }
  const { run, isNew } = JSON.parse((await stack.project.cli('run', SYNC, '--detach', '--json')).stdout);
  assert.deepEqual([run.id, isNew], [alive, false]);
  assert.equal((await stack.project.cli('run', SYNC, '--detach', '--limit', '3')).code, 1);
  await stack.project.cli('cancel', SYNC, '--yes');
});

test('what a run was told while no worker heard it is taken back by what it is told next', async () => {
  await until('the workflow before to end', () => onWorkflow(async (handle) => (await handle.describe()).status.name !== 'RUNNING'));
  worker.child.kill('SIGKILL');
  const { code, stdout, stderr } = await stack.project.cli('run', SYNC, '--full', '--detach');
  assert.equal(code, 0, stderr);
  await onWorkflow((handle) => handle.signal('pause'));
  assert.equal((await stack.project.cli('resume', SYNC, '--yes')).stdout, `${SYNC} is not paused (${stdout.trim()}).\n`);
  worker = await stack.project.startWorker();
  await until('the run to end', async () => (await runsOf())[0] === 'completed');
});

/** A run of everything, which stays alive until it is cancelled. @returns its id */
async function startAll(context: TestContext): Promise<string> {
  await stack.setFaults('hubspot', { latencyMs: 4_000 });
  context.after(() => stack.setFaults('hubspot', { latencyMs: 1 }));
  const { code, stdout, stderr } = await stack.project.cli('resync', SYNC, '--all', '--detach', '--yes');
  assert.equal(code, 0, stderr);
  await onWorkflow((handle) => handle.signal('pause'));
  return stdout.trim();
}

/** The sync's latest workflow, past the command line. */
async function onWorkflow<Result>(act: (handle: WorkflowHandle) => Promise<Result>): Promise<Result> {
  const connection = await Connection.connect(await testTemporal());
  const project = /^name: (\S+)$/m.exec(readFileSync(join(stack.project.directory, 'syncline.yaml'), 'utf8'))?.[1];
  try {
    return await act(new Client({ connection }).workflow.getHandle(`sync/${project}/dev/${SYNC}`));
  } finally {
    await connection.close();
  }
}

/** The command line reaches the server through it, until the test has ended. @param first what becomes of the first call of a method */
async function throughFront(context: TestContext, first: Readonly<Record<string, CallTrouble>>): Promise<TemporalFront> {
  const coming = new Map(Object.entries(first));
  const trouble = (method: string) => {
    const found = coming.get(method);
    coming.delete(method);
    return found;
  };
  const { env } = stack.project;
  const { TEMPORAL_ADDRESS: upstream = '' } = env;
  const front = await TemporalFront.start({ upstream, trouble });
  context.after(async () => {
    env['TEMPORAL_ADDRESS'] = upstream;
    await front.stop();
    assert.deepEqual([...coming.keys()], []);
  });
  env['TEMPORAL_ADDRESS'] = front.address;
  return front;
}

/** How the runs of the sync have ended, the latest first. */
async function runsOf(): Promise<readonly string[]> {
  const { stdout } = await stack.project.cli('runs', SYNC, '--json');
  return JSON.parse(stdout).runs.map(({ state }: { readonly state: string }) => state);
}
