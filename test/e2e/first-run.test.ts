import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { verify } from '../../scripts/demo/verify.ts';
import { Stack } from '../support/stack.ts';

let stack: Stack;
before(async () => {
  stack = await Stack.start(['--contacts', '1200', '--bad-percent', '2', '--error-percent', '2']);
  await stack.startWorker();
});
after(() => stack.stop());

test('a first run writes every good record once, rejects the bad ones, and its books close', async () => {
  const run = await stack.cli('run', 'contacts-to-hubspot', '--yes');
  assert.equal(run.code, 0, run.stdout + run.stderr);
  const found = await verify(stack.crm, stack.hubspot);
  assert.deepEqual(found.different, []);
  assert.deepEqual(found.doubled, []);
  assert.equal(found.equal, found.inTarget);
  assert.equal(found.equal + found.absent.length, 1200);
  assert.ok(found.absent.length > 0, 'no bad record among 1,200');
});

test('a second run sends nothing', async () => {
  const before = await stack.hubspotState();
  const run = await stack.cli('run', 'contacts-to-hubspot', '--yes');
  assert.equal(run.code, 0, run.stdout + run.stderr);
  assert.equal((await stack.hubspotState()).writes, before.writes);
});

test('a changed contact, and it alone, is sent by the next run', async () => {
  await stack.setFaults('crm', { errorPercent: 0 });
  await stack.setFaults('hubspot', { errorPercent: 0 });
  const before = await stack.hubspotState();
  const listed = await fetch(`${stack.crm}/v2/contacts?limit=1`, { headers: { authorization: 'Bearer crm-dev-token' } });
  const body: unknown = await listed.json();
  const [contact] = (body as { data: { id: string }[] }).data; // the sandbox's own shape
  assert.ok(contact);
  const patched = await fetch(`${stack.crm}/v2/contacts/${contact.id}`, {
    method: 'PATCH',
    headers: { authorization: 'Bearer crm-dev-token', 'content-type': 'application/json' },
    body: JSON.stringify({ company: 'Renamed & Sons' }),
  });
  assert.equal(patched.status, 200);
  const run = await stack.cli('run', 'contacts-to-hubspot', '--yes', '--json');
  assert.equal(run.code, 0, run.stdout + run.stderr);
  assert.equal((await stack.hubspotState()).writes - before.writes, 1);
  const story = await stack.cli('records', 'contacts-to-hubspot', '--key', contact.id);
  assert.equal(story.code, 0);
  assert.match(story.stdout, /written/);
});
