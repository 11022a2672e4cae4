import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { type Client, WorkflowFailedError } from '@temporalio/client';
import { ApplicationFailure, ChildWorkflowFailure } from '@temporalio/common';
import { judgeSchedule } from '../../activities/judge-schedule.ts';
import { type SyncRef, scheduledWorkflowId, scheduleId, taskQueues } from '../../engine/ids.ts';
import { openLedger } from '../../ledger/open-ledger.ts';
import { alertsAtTemporal } from '../../worker/alerts-at-temporal.ts';
import { SCHEDULED_WORKFLOW } from '../../workflows/contract.ts';
import { fakeActivities } from '../support/fake-activities.ts';
import { withWorkers } from '../support/workflow-run.ts';

/** One run on schedule whose credentials are refused, to its end. @returns the actions in the audit log */
async function refusedRun(before: (client: Client, ref: SyncRef) => Promise<void>, after: (client: Client, ref: SyncRef) => Promise<void>): Promise<string[]> {
  const directory = mkdtempSync(join(tmpdir(), 'syncline-scheduled-'));
  const ledger = await openLedger({ url: `sqlite:${join(directory, 'ledger.db')}`, directory, values: 'plain' });
  const { activities } = fakeActivities({
    segments: 1,
    pageSource: async () => {
      throw ApplicationFailure.nonRetryable('An API refused the credentials.', 'CREDENTIALS_REJECTED');
    },
  });
  const audit: string[] = [];
  try {
    const judging = (ref: SyncRef) => ({
      ledger,
      actor: { user: 'somebody', host: 'here', way: 'worker', project: ref.project, profile: ref.profile } as const,
      now: Date.now,
      findSchedule: alertsAtTemporal.findSchedule,
    });
    await withWorkers({ ...activities, judgeSchedule: (input) => judgeSchedule(judging(input.ref), input) }, async (client, ref) => {
      await before(client, ref);
      const run = await client.workflow.start(SCHEDULED_WORKFLOW, {
        workflowId: scheduledWorkflowId(ref),
        taskQueue: taskQueues(ref.project, ref.profile).workflows,
        args: [{ ref, overlap: 'skip', applied: '' }],
        workflowExecutionTimeout: '2 minutes',
      });
      await assert.rejects(run.result(), (error: unknown) => error instanceof WorkflowFailedError && error.cause instanceof ChildWorkflowFailure);
      await after(client, ref);
      audit.push(...(await ledger.listAudit({ project: ref.project, profile: ref.profile, limit: 10 })).map(({ action }) => action));
    });
    return audit;
  } finally {
    await ledger.close();
    rmSync(directory, { recursive: true });
  }
}

test('a schedule whose credentials are refused is paused, with a note', async () => {
  const audit = await refusedRun(
    async (client, ref) => {
      const action = { type: 'startWorkflow', workflowType: SCHEDULED_WORKFLOW, taskQueue: 'none', args: [] } as const;
      await client.schedule.create({ scheduleId: scheduleId(ref), spec: { intervals: [{ every: '1 day' }] }, action });
    },
    async (client, ref) => {
      const schedule = client.schedule.getHandle(scheduleId(ref));
      const { state } = await schedule.describe();
      assert.equal(state.paused, true);
      assert.match(state.note ?? '', /^The credentials were refused/);
      await schedule.delete();
    },
  );
  assert.deepEqual(audit, ['schedule.paused']);
});

test('a run whose schedule was removed meanwhile fails and ends, and nothing is paused', async () => {
  const nothing = async () => undefined;
  assert.deepEqual(await refusedRun(nothing, nothing), []);
});
