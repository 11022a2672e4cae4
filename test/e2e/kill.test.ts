import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { verify } from '../../scripts/demo/verify.ts';
import { Stack } from '../support/stack.ts';
import { until } from '../support/until.ts';

let stack: Stack;
before(async () => {
  stack = await Stack.start(['--contacts', '1500', '--latency-ms', '60']);
  stack.project.edit('connections/hubspot.yaml', (text) => text.replace('count: 200, per: 1s', 'count: 8, per: 1s'));
});
after(() => stack.stop());

test('a worker killed with SIGKILL in the middle loses nothing and doubles nothing', async () => {
  const first = await stack.project.startWorker();
  const run = stack.project.cli('run', 'contacts-to-hubspot', '--yes');
  await until('some contacts to be written', async () => ((await stack.hubspotState()).counts['contacts'] ?? 0) > 400);
  first.child.kill('SIGKILL');
  await stack.project.startWorker();
  const { code, stdout, stderr } = await run;
  assert.equal(code, 0, stdout + stderr);
  const found = await verify(stack.crm, stack.hubspot);
  assert.deepEqual([found.different, found.doubled], [[], []]);
  assert.equal(found.equal + found.absent.length, 1500);
});
