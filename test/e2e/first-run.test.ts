import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { verify } from '../../scripts/demo/verify.ts';
import { Stack } from '../support/stack.ts';

const SYNC = 'contacts-to-hubspot';

let stack: Stack;
before(async () => {
  stack = await Stack.start(['--contacts', '1200', '--bad-percent', '2', '--error-percent', '2']);
  await stack.project.startWorker();
});
after(() => stack.stop());

test('a first run writes every good record once, rejects the bad ones, and its books close', async () => {
  const run = await stack.project.cli('run', SYNC, '--yes');
  assert.equal(run.code, 0, run.stdout + run.stderr);
  assert.match(run.stdout, /books\s+closed: 1,200 records taken/);
  const found = await verify(stack.crm, stack.hubspot);
  assert.deepEqual([found.different, found.doubled], [[], []]);
  assert.equal(found.equal, found.inTarget);
  assert.equal(found.equal + found.absent.length, 1200);
  assert.ok(found.absent.length > 0, 'no bad record among 1,200');
});

test('a second run sends nothing', async () => {
  const before = await stack.hubspotState();
  const run = await stack.project.cli('run', SYNC, '--yes');
  assert.equal(run.code, 0, run.stdout + run.stderr);
  assert.equal((await stack.hubspotState()).writes, before.writes);
});

test('a changed contact, and it alone, is sent by the next run, and its story is told', async () => {
  await stack.setFaults('crm', { errorPercent: 0 });
  await stack.setFaults('hubspot', { errorPercent: 0 });
  const before = await stack.hubspotState();
  await stack.changeContact('1', { company: 'Renamed & Sons' });
  const run = await stack.project.cli('run', SYNC, '--yes');
  assert.equal(run.code, 0, run.stdout + run.stderr);
  assert.equal((await stack.hubspotState()).writes - before.writes, 1);
  const story = await stack.project.cli('records', SYNC, '--key', '1');
  assert.equal(story.code, 0, story.stderr);
  assert.match(story.stdout, /created as \d+[\s\S]*updated as \d+/);
});

test('with an incremental field only the window is read, and what changed in it is sent', async () => {
  const withCursor = (text: string) =>
    text.replace('  object: contacts\ntarget:', '  object: contacts\n  incremental: { cursorField: updated_at, lookback: 5m }\ntarget:');
  stack.project.edit(`syncs/${SYNC}.yaml`, withCursor);
  const full = await stack.project.cli('run', SYNC, '--yes');
  assert.match(full.stdout, /read\s+1,200/, full.stdout + full.stderr);
  await stack.changeContact('2', { company: 'Later & Co' });
  const before = await stack.hubspotState();
  const run = await stack.project.cli('run', SYNC, '--yes');
  assert.equal(run.code, 0, run.stdout + run.stderr);
  const read = Number(/read\s+(\d+)/.exec(run.stdout)?.[1]);
  assert.ok(read > 0 && read < 20, `read ${read} of 1,200`);
  assert.equal((await stack.hubspotState()).writes - before.writes, 1);
});
