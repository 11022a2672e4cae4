import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { z } from 'zod';
import { Stack } from '../support/stack.ts';

const SYNC = 'contacts-to-hubspot';

let stack: Stack;
before(async () => {
  stack = await Stack.start(['--contacts', '200', '--bad-percent', '5']);
  await stack.project.startWorker();
});
after(() => stack.stop());

test('run --key sends only those, and prints each field by field with its link', async () => {
  const { code, stdout, stderr } = await stack.project.cli('run', SYNC, '--key', '2,no-such-key');
  assert.equal(code, 0, stdout + stderr);
  assert.match(stdout, /\n✓ key 2 {2}written as \d+ {2}https:\/\/app\.hubspot\.com\/\S+\n {4}email +person2@example\.test\n {4}firstname +\S+\n/);
  assert.match(stdout, /\n\? key no-such-key {2}the source has no such record\n/);
  assert.equal((await stack.hubspotState()).counts['contacts'], 1);
});

test('run --limit tells each record as an event of its own with --json', async () => {
  const { code, stdout, stderr } = await stack.project.cli('run', SYNC, '--limit', '3', '--json');
  assert.ok(code === 0 || code === 4, stderr);
  const events = stdout
    .trimEnd()
    .split('\n')
    .map((line) => z.looseObject({ schemaVersion: z.literal(1), event: z.string() }).parse(JSON.parse(line)));
  assert.equal(events.at(0)?.event, 'started');
  assert.equal(events.at(-1)?.event, 'finished');
  assert.equal(events.filter(({ event }) => event === 'record').length, 3);
});

test('a full run after it tells its rejections by cause, and errors, records and retry agree with it', async () => {
  const { code, stdout, stderr } = await stack.project.cli('run', SYNC);
  assert.equal(code, 0, stdout + stderr);
  assert.match(stdout, /\nRejected\n\n +\d+ {2}/);
  assert.match(stderr, /\nNext: syncline errors contacts-to-hubspot --project /);
  const errors = z
    .object({ rejected: z.number(), groups: z.array(z.object({ count: z.number(), sampleKeys: z.array(z.string()) })) })
    .parse(JSON.parse((await stack.project.cli('errors', SYNC, '--json')).stdout));
  assert.ok(errors.rejected > 0);
  const [key = ''] = errors.groups[0]?.sampleKeys ?? [];
  assert.match((await stack.project.cli('records', SYNC, '--key', key)).stdout, /now +rejected: /);
  const refused = await stack.project.cli('retry', SYNC);
  assert.deepEqual(
    [refused.code, refused.stderr],
    [2, `✗ Send ${errors.rejected} rejected records of ${SYNC} again? Pass --yes to do it without a terminal.\n`],
  );
  const retried = await stack.project.cli('retry', SYNC, '--yes');
  assert.equal(retried.code, 4, retried.stdout + retried.stderr);
  assert.match(retried.stdout, new RegExp(`\\n {2}tried again +${errors.rejected} {2}rejected by earlier runs\\n`));
});

test('more rejections than the guard allows end with exit code 4', async () => {
  stack.project.edit('syncs/contacts-to-hubspot.yaml', (text) => `${text}guard: { maxRejectedPercent: 1 }\n`);
  const { code, stdout, stderr } = await stack.project.cli('run', SYNC);
  assert.equal(code, 4, stdout + stderr);
});

test('a run beside one of a few records says that it does not do what was asked for', async (context) => {
  await stack.setFaults('crm', { isDown: true });
  context.after(() => stack.setFaults('crm', { isDown: false }));
  const few = await stack.project.cli('run', SYNC, '--limit', '3', '--detach');
  assert.equal(few.code, 0, few.stderr);
  const { code, stdout, stderr } = await stack.project.cli('run', SYNC, '--detach');
  assert.deepEqual([code, stdout], [0, few.stdout]);
  assert.match(stderr, /^contacts-to-hubspot is already running for a part of what it says: run it again when that is done\.\n/);
});
