import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { SyncMode } from '../../engine/outcome.ts';
import { makeFolder } from '../definition/make-project.ts';
import { defineSync, InProcessEngine } from '../model/engine.ts';
import { World } from '../model/world.ts';

/** Ada is edited in the target by others, and Bob deleted there. */
async function repaired(context: TestContext, mode: SyncMode) {
  const world = await World.start();
  context.after(() => world.stop());
  const definition = defineSync(world.url, { mode, policy: 'source-wins', takesLinked: false });
  const engine = await InProcessEngine.open(definition, makeFolder(context, {}));
  context.after(() => engine.close());
  world.people = new Map([
    ['1', { name: 'Ada', city: 'Berlin' }],
    ['2', { name: 'Bob', city: 'Paris' }],
  ]);
  await engine.run();
  const emails = [...world.contacts.keys()];
  const [ada = '', bob = ''] = emails;
  world.contacts.set(ada, { id: 'c1', name: 'Ada L.', city: 'Berlin' });
  world.contacts.delete(bob);
  const before = await engine.known();
  await engine.runAndRepair();
  return { names: emails.map((email) => world.contacts.get(email)?.name), before, after: await engine.known(), again: await engine.run() };
}

test('what others changed and deleted is written again', async (context) => {
  const { names, again } = await repaired(context, 'upsert');
  assert.deepEqual(names, ['Ada', 'Bob']);
  assert.equal(again.unchanged, 2);
});

test('mode insert creates what is missing, and leaves what others changed; what was told of it stands', async (context) => {
  const { names, before, after, again } = await repaired(context, 'insert');
  assert.deepEqual(names, ['Ada L.', 'Bob']);
  assert.deepEqual(
    after.map(({ contentHash }) => contentHash),
    before.map(({ contentHash }) => contentHash),
  );
  assert.deepEqual([again.unchanged, again.skipped], [2, 0]);
});
