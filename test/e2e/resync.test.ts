import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Stack } from '../support/stack.ts';

const SYNC = 'contacts-to-hubspot';

let stack: Stack;
before(async () => {
  stack = await Stack.start(['--contacts', '250', '--bad-percent', '0']);
  await stack.project.startWorker();
  assert.equal((await stack.project.cli('run', SYNC, '--yes')).code, 0);
});
after(() => stack.stop());

test('records are sent again whatever was told of them: by key, by what was sent, or all', async () => {
  const resync = async (...args: string[]) => {
    const { code, stdout, stderr } = await stack.project.cli('resync', SYNC, ...args, '--yes');
    return { code, text: stdout + stderr };
  };
  const one = await resync('--key', '7,8,none');
  assert.equal(one.code, 0, one.text);
  assert.match(one.text, /updated\s+2\b/);
  const some = await resync('--where', "lifecyclestage = 'customer'");
  assert.equal(some.code, 0, some.text);
  const count = Number(/Sending (\d+) records? again/.exec(some.text)?.[1]);
  assert.ok(count > 10 && count < 250, some.text);
  assert.match(some.text, new RegExp(`updated\\s+${count}\\b`));
  const all = await resync('--all');
  assert.match(all.text, /updated\s+250\b/, all.text);
  assert.match((await stack.project.cli('run', SYNC, '--yes')).stdout, /unchanged\s+250\b/);
  assert.equal((await stack.hubspotState()).counts['contacts'], 250);
});

test('what it cannot do is told, and nothing is sent', async () => {
  const { writes } = await stack.hubspotState();
  const none = await stack.project.cli('resync', SYNC, '--key', 'none', '--yes');
  assert.match(none.stdout, /Nothing that contacts-to-hubspot has sent is meant/);
  const broken = await stack.project.cli('resync', SYNC, '--where', "lifecyclestage = '", '--yes');
  assert.equal(broken.code, 2);
  assert.match(broken.stderr, /--where is no expression: /);
  assert.equal((await stack.project.cli('resync', SYNC, '--yes')).code, 2);
  assert.equal((await stack.project.cli('resync', SYNC, '--all')).code, 2, 'without a terminal it wants --yes');
  assert.equal((await stack.hubspotState()).writes, writes);
});
