import assert from 'node:assert/strict';
import { test } from 'node:test';
import { driftLines } from '../../client/reports/findings.ts';
import { divideFound, type Repairs } from '../../engine/repairs.ts';

const found = { missing: 2, changed: 3, duplicated: 0, extra: 0, stale: 0 };
const told = (repairs: Repairs) => driftLines({ checked: 1_200, found, left: divideFound(found, repairs).left });

test('a run says what it has written again of what it found, and what it left', () => {
  const what = '5 records of 1,200 were missing in the target or changed there by others';
  assert.deepEqual(told({ repair: true }), [`${what}: written again.`]);
  assert.deepEqual(told({ repair: false }), [`${what}.`]);
  assert.deepEqual(told({ repair: true, leaves: 'missing' }), [`${what}: 3 written again, 2 left as they are.`]);
  assert.deepEqual(told({ repair: true, leaves: 'changed' }), [`${what}: 2 written again, 3 left as they are.`]);
});
