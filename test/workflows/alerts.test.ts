import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SendAlertsResult } from '../../activities/activities.ts';
import { alertsWorkflowId, taskQueues } from '../../engine/ids.ts';
import type { alertsWorkflow } from '../../workflows/alerts.ts';
import { ALERTS_WORKFLOW, WAKE_SIGNAL } from '../../workflows/contract.ts';
import { fakeActivities } from '../support/fake-activities.ts';
import { until } from '../support/until.ts';
import { withWorkers } from '../support/workflow-run.ts';

test('alerts are sent again after a pause while a channel is to be told, at once when there is something new, and not before their time', async () => {
  let inASecond = 0;
  const answers: readonly (() => SendAlertsResult)[] = [
    () => ({ again: 'later' }),
    () => ({ again: 'soon' }),
    () => {
      inASecond = Date.now() + 1_000;
      return { nextAt: inASecond };
    },
  ];
  let sent = 0;
  const { activities } = fakeActivities({ segments: 1, sendAlerts: async () => answers[sent++]?.() ?? {} });
  await withWorkers(activities, async ({ workflow }, { project, profile }) => {
    const handle = await workflow.start<typeof alertsWorkflow>(ALERTS_WORKFLOW, {
      taskQueue: taskQueues(project, profile).workflows,
      workflowId: alertsWorkflowId(project, profile),
      args: [{ project, profile }],
    });
    await until('the first attempt', () => sent === 1);
    // What would be waited for is a quarter of an hour.
    await handle.signal(WAKE_SIGNAL);
    await handle.result();
    assert.equal(sent, 4);
    assert.ok(Date.now() >= inASecond);
  });
});
