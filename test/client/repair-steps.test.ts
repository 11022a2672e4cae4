import assert from 'node:assert/strict';
import { test } from 'node:test';
import { repairSteps } from '../../client/reports/repair-steps.ts';
import type { SyncMode } from '../../engine/outcome.ts';
import type { FindingKind } from '../../engine/reconcile.ts';

const COMMANDS = { see: 'syncline reconcile people', run: 'syncline run people' };
const steps = (mode: SyncMode, found: Partial<Record<FindingKind, number>>) =>
  repairSteps({ found: { missing: 0, changed: 0, duplicated: 0, extra: 0, stale: 0, ...found } }, mode, COMMANDS);

test('a repair is offered for what it puts right', () => {
  assert.deepEqual(steps('upsert', { missing: 1, changed: 1 }), ['Put it right: syncline reconcile people --repair']);
  assert.deepEqual(steps('upsert', { stale: 1 }), ['Put it right: syncline run people']);
  assert.deepEqual(steps('insert', { missing: 1, changed: 1 }), [
    'Mode insert writes over nothing: what others changed stays as it is.',
    'Put it right: syncline reconcile people --repair',
  ]);
  assert.deepEqual(steps('update', { changed: 1 }), ['Put it right: syncline reconcile people --repair']);
});

test('what no repair puts right is told as that', () => {
  assert.deepEqual(steps('upsert', { duplicated: 2 }), ['Merge in the target what is there more than once.']);
  assert.deepEqual(steps('insert', { changed: 1, stale: 1 }), ['Mode insert writes over nothing: what others changed stays as it is.']);
  assert.deepEqual(steps('update', { missing: 1 }), ['Mode update makes nothing: what is gone from the target stays so.']);
});

test('fewer than were told are looked for by record', () => {
  const counted = { found: { missing: 0, changed: 0, duplicated: 0, extra: 0, stale: 0 }, counts: { told: 5, inTarget: 3 } };
  assert.deepEqual(repairSteps(counted, 'upsert', COMMANDS), ['See which: syncline reconcile people']);
});
