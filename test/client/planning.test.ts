import assert from 'node:assert/strict';
import { test } from 'node:test';
import { commandFor } from '../../client/commands/plan.ts';
import { changedFields } from '../../client/planning/changed-fields.ts';
import { makeFolder } from '../definition/make-project.ts';
import { defineSync, InProcessEngine } from '../model/engine.ts';
import { mailOf, World } from '../model/world.ts';

test('what was told stands in for a field that the target does not show, and not for one that others emptied', () => {
  const told = { name: 'Ada', city: 'Rome', phone: '1' };
  const target = { name: null, phone: '2' };
  assert.deepEqual(changedFields({ name: 'Ada', city: 'Rome', phone: '1' }, target, told), [
    { field: 'name', after: 'Ada' },
    { field: 'phone', after: '1', before: '2' },
  ]);
  assert.deepEqual(changedFields(told, undefined, told), []);
});

test('a conflict that a person decided for the source is planned as the run writes it', async (context) => {
  const world = await World.start();
  context.after(() => world.stop());
  const engine = await InProcessEngine.open(defineSync(world.url, { mode: 'upsert', policy: 'review', takesLinked: false }), makeFolder(context, {}));
  context.after(() => engine.close());
  world.people.set('1', { name: 'John', city: 'Rome' });
  await engine.run();
  world.contacts.set(mailOf('1'), { id: 'c1', name: 'Jack', city: 'Rome' });
  world.people.set('1', { name: 'Jim', city: 'Rome' });
  assert.equal((await engine.run()).held, 1);
  assert.equal((await engine.plan()).counts.held, 1);
  assert.ok(await engine.takeSource('1'));
  const { counts, changes } = await engine.plan();
  assert.deepEqual([counts.held, counts.update], [0, 1]);
  assert.deepEqual(changes[0]?.fields, [{ field: 'name', before: 'Jack', after: 'Jim' }]);
  assert.equal((await engine.run()).updated, 1);
  assert.equal(world.contacts.get(mailOf('1'))?.name, 'Jim');
});

test('a plan is done by a run that reads as much, or by its file', () => {
  assert.equal(commandFor({ sync: 'contacts', full: false }), 'run contacts');
  assert.equal(commandFor({ sync: 'contacts', full: true }), 'run contacts --full');
  assert.equal(commandFor({ sync: 'contacts', full: true, out: 'my plan.json' }), "apply 'my plan.json'");
});
