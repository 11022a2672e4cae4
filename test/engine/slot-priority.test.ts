import assert from 'node:assert/strict';
import { test } from 'node:test';
import { slotPriority } from '../../engine/slot-priority.ts';

test('a sync stands in line by its priority and its name, a backfill behind every live run, under a key that Temporal takes', () => {
  assert.deepEqual(slotPriority({ sync: 'people' }, 2), { priorityKey: 2, fairnessKey: 'people' });
  assert.deepEqual(slotPriority({ sync: 'people' }, undefined), { fairnessKey: 'people' });
  const backfill = slotPriority({ sync: 'people' }, 1, { isBackfill: true });
  assert.equal(backfill.priorityKey, 5);
  assert.notEqual(backfill.fairnessKey, 'people');
  assert.ok((backfill.fairnessWeight ?? 1) < 1);
  for (const isBackfill of [false, true]) assert.equal(slotPriority({ sync: 'x'.repeat(200) }, 3, { isBackfill }).fairnessKey.length, 64);
});
