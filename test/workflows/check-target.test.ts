import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Repairs } from '../../engine/repairs.ts';
import { fakeActivities } from '../support/fake-activities.ts';
import { withSyncWorkflow } from '../support/workflow-run.ts';

/** What a run does at its end, where two records are missing in the target, or others have changed them there. */
async function lastSteps(repairs: Repairs, found: { readonly missing?: number; readonly changed?: number }): Promise<readonly string[]> {
  const { activities, calls } = fakeActivities({ segments: 1, reconciliation: { id: 'd_test', ...repairs }, found });
  await withSyncWorkflow(activities, async (run) => void (await run.result()));
  return calls.slice(calls.indexOf('reconcile') + 1);
}

const WRITTEN_AGAIN = ['stage repairs', 'write 1', 'settle completed'];

test('what is found is written again before the books are closed', async () => {
  assert.deepEqual(await lastSteps({ repair: true }, { missing: 2 }), WRITTEN_AGAIN);
  assert.deepEqual(await lastSteps({ repair: true }, { changed: 2 }), WRITTEN_AGAIN);
});

test('it is left where nothing is to be repaired, and where the mode would not write it', async () => {
  assert.deepEqual(await lastSteps({ repair: false }, { missing: 2 }), ['settle completed']);
  assert.deepEqual(await lastSteps({ repair: true, leaves: 'changed' }, { changed: 2 }), ['settle completed']);
  assert.deepEqual(await lastSteps({ repair: true, leaves: 'missing' }, { missing: 2 }), ['settle completed']);
  assert.deepEqual(await lastSteps({ repair: true, leaves: 'changed' }, { missing: 1, changed: 1 }), WRITTEN_AGAIN);
});
