import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ApplicationFailure } from '@temporalio/common';
import { ZERO_TOTALS } from '../../engine/outcome.ts';
import { WAKE_SIGNAL } from '../../engine/wake-up.ts';
import { fakeActivities } from '../support/fake-activities.ts';
import { withEventsWorkflow } from '../support/workflow-run.ts';

const SOURCE_READ = { state: 'closed', isLast: false, totals: ZERO_TOTALS } as const;

describe('the events workflow', { concurrency: true }, () => {
  it('looks at once, again when others are due, and ends with its books closed when none are open', async () => {
    const { activities, calls } = fakeActivities({
      segments: 1,
      lingerMs: 5_000,
      pageSource: async (_, call) => ({ ...SOURCE_READ, events: { hasGone: false, ...(call === 1 ? { dueInMs: 1 } : {}) } }),
    });
    await withEventsWorkflow({ ...activities }, (run) => run.result());
    assert.deepEqual(
      calls.filter((call) => !call.startsWith('write')),
      ['plan', 'read 0', 'read 1', 'settle completed'],
    );
  });

  it('does not lose who asks while it is about to end', async () => {
    const { activities, calls } = fakeActivities({ segments: 1, pageSource: async () => ({ ...SOURCE_READ, events: { hasGone: false } }) });
    let ask: () => Promise<void> = async () => undefined;
    const asking = {
      ...activities,
      settleRun: async (input: Parameters<typeof activities.settleRun>[0]) => {
        const settled = await activities.settleRun(input);
        if (calls.filter((call) => call === 'plan').length === 1) await ask();
        return settled;
      },
    };
    await withEventsWorkflow(asking, async (run, client) => {
      ask = () => client.workflow.getHandle(run.workflowId).signal(WAKE_SIGNAL);
      await run.result();
    });
    assert.equal(calls.filter((call) => call === 'plan').length, 2);
  });

  it('takes away what has gone at the end of a run, and begins another for what is due', async () => {
    const { activities, calls } = fakeActivities({
      segments: 1,
      takesAway: true,
      lingerMs: 1,
      pageSource: async (_, call) => ({ ...SOURCE_READ, events: call === 1 ? { hasGone: true, dueInMs: 1 } : { hasGone: false } }),
    });
    await withEventsWorkflow(activities, (run) => run.result());
    const run = ['plan', 'read 0', 'sweep', 'settle completed'];
    assert.deepEqual(
      calls.filter((call) => !call.startsWith('write')),
      [...run, ...run],
    );
  });

  it('leaves the events of a run that failed open, closes its books, and waits', async () => {
    const { activities, calls } = fakeActivities({
      segments: 1,
      pageSource: async () => {
        throw ApplicationFailure.nonRetryable('An API refused the credentials.', 'CREDENTIALS_REJECTED');
      },
    });
    await withEventsWorkflow(activities, async (run, client) => {
      while (!calls.includes('settle failed')) await new Promise((resolve) => setTimeout(resolve, 50));
      assert.equal((await client.workflow.getHandle(run.workflowId).describe()).status.name, 'RUNNING');
      await client.workflow.getHandle(run.workflowId).cancel();
      await assert.rejects(run.result());
    });
  });
});
