import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { verify } from '../../scripts/demo/verify.ts';
import { finished } from '../support/project.ts';
import { Stack } from '../support/stack.ts';
import { Terminal } from '../support/terminal.ts';
import { until } from '../support/until.ts';

const MAIN = fileURLToPath(new URL('../../client/main.ts', import.meta.url));
const SYNC = 'contacts-to-hubspot';
const statusSchema = z.object({
  syncs: z.array(z.object({ last: z.object({ id: z.string(), state: z.string(), totals: z.object({ written: z.number() }) }) })),
});

let stack: Stack;
before(async () => {
  stack = await Stack.start(['--contacts', '6000', '--bad-percent', '0']);
  stack.project.edit('connections/hubspot.yaml', (text) => text.replace('count: 200, per: 1s', 'count: 2, per: 1s'));
  await stack.project.startWorker();
});
after(() => stack.stop());

async function lastRun() {
  const { stdout } = await stack.project.cli('status', '--json');
  const [sync] = statusSchema.parse(JSON.parse(stdout)).syncs;
  assert.ok(sync);
  return sync.last;
}

async function untilFollowing(command: ChildProcess): Promise<void> {
  let said = '';
  command.stderr?.on('data', (chunk: string) => (said += chunk));
  await until('the run to be followed', () => said.includes('following it'));
}

test('a detached run prints its id alone, and goes on', async () => {
  const { code, stdout, stderr } = await stack.project.cli('run', SYNC, '--detach');
  assert.equal(code, 0, stderr);
  assert.match(stdout, /^r_[0-9a-z]{10}\n$/);
  await until('some records to be written', async () => (await lastRun()).totals.written > 0);
  assert.equal((await lastRun()).id, stdout.trim());
});

test('steering without a terminal needs --yes', async () => {
  const { code, stderr } = await stack.project.cli('pause', SYNC);
  assert.deepEqual([code, stderr], [2, `✗ Pass --yes to pause ${SYNC} without a terminal.\n`]);
});

test('pause stops the writing, and says how to go on', async () => {
  const { code, stdout, stderr } = await stack.project.cli('pause', SYNC, '--yes');
  assert.equal(code, 0, stderr);
  assert.match(stdout, /^⏸ contacts-to-hubspot is paused \(r_/);
  assert.match(stderr, /Go on: syncline resume contacts-to-hubspot --project /);
  assert.equal((await lastRun()).state, 'paused');
  // What is in flight is settled; else two batches would be written each second.
  await until('the writing to stop', async () => {
    const before = await lastRun();
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    return (await lastRun()).totals.written === before.totals.written;
  });
  assert.match((await stack.project.cli('pause', SYNC, '--yes')).stdout, /is paused already/);
});

test('a run with options of its own does not follow the one that is alive', async () => {
  const { code, stderr } = await stack.project.cli('run', SYNC, '--limit', '3');
  assert.equal(code, 1);
  assert.match(stderr, /^✗ contacts-to-hubspot is already running \(r_\w+\), without --limit\. Follow it with/);
});

test('tune changes the live run, and answers with what holds now', async () => {
  const { code, stdout } = await stack.project.cli('tune', SYNC, '--rate', '1', '--batch-size', '20', '--yes');
  assert.equal(code, 0);
  assert.match(stdout, /^✓ contacts-to-hubspot now runs with 1 request a second, 20 records a request \(r_/);
});

test('Ctrl-C leaves the run going and says how to follow it again', async () => {
  assert.match((await stack.project.cli('resume', SYNC, '--yes')).stdout, /^● contacts-to-hubspot goes on/);
  const follower = stack.project.spawnCli('run', SYNC);
  const ending = finished(follower);
  await untilFollowing(follower);
  follower.kill('SIGINT');
  const { code, stdout, stderr } = await ending;
  assert.deepEqual([code, stdout], [0, '']);
  assert.match(stderr, /is already running \(r_\w+\): following it/);
  assert.match(stderr, /goes on as r_\w+\.\n\n +Follow it again +syncline run contacts-to-hubspot --project \S+\n +Stop it +syncline cancel/);
  assert.equal((await lastRun()).state, 'running');
});

test('top shows the live run with its speed and its worker, pauses it by p and y, and lets it go on', async (context) => {
  const { directory, env } = stack.project;
  const terminal = await Terminal.start([process.execPath, MAIN, 'top', '--project', directory], {
    cwd: directory,
    env: { ...process.env, ...env },
    rows: 30,
    columns: 120,
  });
  context.after(() => terminal.stop());
  const shows = (pattern: RegExp) => () => terminal.screen.some((line) => pattern.test(line));
  await terminal.until('its speed', shows(/▸ contacts-to-hubspot +syncing +[\d,]+ +6,000 +\d+ % +\d[\d.,]*\/s +[\d.]+\/s /));
  await terminal.until('its worker', shows(/\d+@\S+ +– +(just now|\d+ s ago) +workflows, steps, reading, writing/));
  assert.match(terminal.screen.join('\n'), /hubspot +[\d.]+\/s +2\.0\/s +\d of \d+ +1 /);
  terminal.press('p');
  await terminal.until('the question', shows(/^Pause contacts-to-hubspot\? y\/N$/));
  terminal.press('y');
  await terminal.until('the pause', shows(/▸ contacts-to-hubspot +paused/));
  assert.equal((await lastRun()).state, 'paused');
  terminal.press('p');
  await terminal.until('the question', shows(/^Resume contacts-to-hubspot\? y\/N$/));
  terminal.press('y');
  await terminal.until('the run to go on', shows(/▸ contacts-to-hubspot +syncing/));
  terminal.press('q');
  assert.equal(await terminal.ended(), 0);
});

test('cancel ends the run with its books told, and whoever follows it gets exit code 1', async () => {
  const child = stack.project.spawnCli('run', SYNC);
  const follower = finished(child);
  await untilFollowing(child);
  const { code, stdout, stderr } = await stack.project.cli('cancel', SYNC, '--yes');
  assert.equal(code, 0, stderr);
  assert.match(
    stdout,
    /^■ contacts-to-hubspot ended as cancelled \(r_\w+\), with [\d,]+ records done; what is left is taken by the next run: syncline run contacts-to-hubspot --project \S+\n$/,
  );
  const followed = await follower;
  assert.equal(followed.code, 1);
  assert.match(followed.stdout, /^■ cancelled {2}contacts-to-hubspot in /);
  const again = await stack.project.cli('cancel', SYNC, '--yes');
  assert.equal(again.code, 1);
  assert.match(again.stderr, /There is nothing to cancel: contacts-to-hubspot is not running\./);
});

test('the next run takes what was left, and nothing is doubled', async () => {
  stack.project.edit('connections/hubspot.yaml', (text) => text.replace('count: 2, per: 1s', 'count: 200, per: 1s'));
  const { code, stdout, stderr } = await stack.project.cli('run', SYNC);
  assert.equal(code, 0, stdout + stderr);
  assert.match(stdout, /^✓ completed {2}contacts-to-hubspot in /);
  const found = await verify(stack.crm, stack.hubspot);
  assert.deepEqual([found.equal, found.different, found.doubled], [6000, [], []]);
});

test('who steered it is in the audit log, in the order in which it was done', async () => {
  const { stdout } = await stack.project.cli('audit', '--json');
  const { entries } = z.object({ entries: z.array(z.object({ way: z.string(), action: z.string(), details: z.json() })) }).parse(JSON.parse(stdout));
  assert.deepEqual(
    entries
      .toReversed()
      .filter(({ way }) => way === 'cli')
      .map(({ action, details }) => [action, details]),
    [
      ['run.started', {}],
      ['run.paused', {}],
      ['run.paused', {}],
      ['run.tuned', { batchSize: 20, requestsPerSecond: 1 }],
      ['run.resumed', {}],
      ['run.paused', {}],
      ['run.resumed', {}],
      ['run.cancelled', {}],
      ['run.started', {}],
    ],
  );
});
