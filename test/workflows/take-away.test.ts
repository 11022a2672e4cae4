import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WorkflowUpdateFailedError } from '@temporalio/client';
import { decideDeletesUpdate } from '../../workflows/messages.ts';
import { fakeActivities } from '../support/fake-activities.ts';
import { until } from '../support/until.ts';
import { type RunHandle, withSyncWorkflow } from '../support/workflow-run.ts';

const guarded = async (isApproved: boolean) => (isApproved ? ({ state: 'staged', segment: 2, due: 900 } as const) : ({ state: 'guarded', due: 900 } as const));

/** As soon as it asks. */
async function decide(run: RunHandle, isApproved: boolean): Promise<void> {
  const ask = () => run.executeUpdate(decideDeletesUpdate, { args: [{ runId: 'r_test', isApproved }] });
  await until('the question', () =>
    ask().then(
      () => true,
      () => false,
    ),
  );
}

test('what has gone is looked for after all is written, and its deletes are written as a segment', async () => {
  const { activities, calls } = fakeActivities({ segments: 2, takesAway: true, sweepDeletes: async () => ({ state: 'staged', segment: 2, due: 3 }) });
  await withSyncWorkflow(activities, async (run) => void (await run.result()));
  assert.deepEqual(calls.slice(-3), ['sweep', 'write 2', 'settle completed']);
});

test('a run that failed, or whose mode takes nothing away, looks for nothing', async () => {
  const { activities, calls } = fakeActivities({ segments: 2 });
  await withSyncWorkflow(activities, async (run) => void (await run.result()));
  assert.equal(calls.includes('sweep'), false);
});

test('more than the guard allows waits for a person, and goes on when approved', async () => {
  const { activities, calls } = fakeActivities({ segments: 2, takesAway: true, sweepDeletes: guarded });
  await withSyncWorkflow(activities, async (run) => {
    await assert.rejects(run.executeUpdate(decideDeletesUpdate, { args: [{ runId: 'r_other', isApproved: true }] }), WorkflowUpdateFailedError);
    await until('the sweep', () => calls.includes('sweep'));
    await new Promise((resolve) => setTimeout(resolve, 300));
    assert.equal(calls.includes('settle completed'), false, 'it waits');
    await run.executeUpdate(decideDeletesUpdate, { args: [{ runId: 'r_test', isApproved: true }] });
    await run.result();
  });
  assert.deepEqual(calls.slice(-3), ['sweep approved', 'write 2', 'settle completed']);
});

test('what others share is told to the target before anybody is asked about deletes, and what is found when they are approved, too', async () => {
  const sweepDeletes = async (isApproved: boolean) =>
    isApproved ? ({ state: 'staged', segment: 4, passedOn: 3, due: 900 } as const) : ({ state: 'guarded', passedOn: 2, due: 900 } as const);
  const { activities, calls } = fakeActivities({ segments: 2, takesAway: true, sweepDeletes });
  await withSyncWorkflow(activities, async (run) => {
    await until('the shared ones to be written', () => calls.includes('write 2'));
    await decide(run, true);
    await run.result();
  });
  assert.deepEqual(calls.slice(-6), ['sweep', 'write 2', 'sweep approved', 'write 3', 'write 4', 'settle completed']);
});

test('refused, nothing is deleted and the run ends', async () => {
  const { activities, calls } = fakeActivities({ segments: 2, takesAway: true, sweepDeletes: guarded });
  await withSyncWorkflow(activities, async (run) => {
    await until('the sweep', () => calls.includes('sweep'));
    await decide(run, false);
    await run.result();
  });
  assert.deepEqual(calls.slice(-2), ['deny deletes', 'settle completed']);
});

test('cancelled while it waits, it closes its books', async () => {
  const { activities, calls } = fakeActivities({ segments: 1, takesAway: true, sweepDeletes: guarded });
  await withSyncWorkflow(activities, async (run) => {
    await until('the sweep', () => calls.includes('sweep'));
    await run.cancel();
    await run.result().catch(() => undefined);
  });
  assert.equal(calls.at(-1), 'settle cancelled');
});
