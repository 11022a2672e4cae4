import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { heartbeat } from '@temporalio/activity';
import type { Client } from '@temporalio/client';
import { type SyncRef, syncWorkflowId, taskQueues } from '../../engine/ids.ts';
import { type SlotPriority, slotPriority } from '../../engine/slot-priority.ts';
import { SYNC_WORKFLOW } from '../../workflows/contract.ts';
import type { syncWorkflow } from '../../workflows/sync.ts';
import { fakeActivities } from '../support/fake-activities.ts';
import { until } from '../support/until.ts';
import { withWorkers } from '../support/workflow-run.ts';

const NOISY = 20;
const ACTIVITY_TASKS = 2;
/** What a worker has asked for already comes before whoever comes late. */
const SOON = 3;

describe('a worker with one slot for readers', { concurrency: 3 }, () => {
  test('reads a sync of higher priority before twenty others that were there first', async () => {
    const order = await readInTurn((name) => slotPriority({ sync: name }, name === 'late' ? 1 : 3));
    assert.ok(order.indexOf('late') <= SOON, `in this order: ${order.join(', ')}`);
  });

  test('reads a live run before twenty runs of backfills, also where its sync has the lowest priority', async () => {
    const order = await readInTurn((name) => slotPriority({ sync: 'people' }, 5, { isBackfill: name !== 'late' }));
    assert.ok(order.indexOf('late') <= SOON, `in this order: ${order.join(', ')}`);
  });

  test('gives each sync its turn: twenty runs of one do not starve another of the same priority', async () => {
    const order = await readInTurn((name) => slotPriority({ sync: name === 'late' ? 'quiet' : 'noisy' }, 3));
    assert.ok(order.indexOf('late') <= SOON, `in this order: ${order.join(', ')}`);
  });
});

/** Twenty runs stand in line while one is read; then comes another, `late`. @returns in which order they are read from then on */
async function readInTurn(slots: (name: string) => SlotPriority): Promise<readonly string[]> {
  const order: string[] = [];
  let isHeld = true;
  const letGo = () => (isHeld = false);
  const { activities } = fakeActivities({
    segments: 1,
    heartbeatTimeoutMs: 20_000,
    slots: ({ sync }) => slots(sync),
    pageSource: async ({ runId }) => {
      order.push(runId);
      while (isHeld) {
        heartbeat();
        await sleep(100);
      }
      return undefined;
    },
  });
  const work = async (client: Client, { project, profile }: SyncRef) => {
    const queues = taskQueues(project, profile);
    const start = (sync: string) => {
      const ref = { project, profile, sync };
      const input = { ref, runId: sync, trigger: 'manual' } as const;
      return client.workflow.start<typeof syncWorkflow>(SYNC_WORKFLOW, { taskQueue: queues.workflows, workflowId: syncWorkflowId(ref), args: [input] });
    };
    const waiting = async () => {
      // Other than the stats, which are up to five seconds old.
      const asked = { namespace: 'default', taskQueue: { name: queues.reading }, taskQueueType: ACTIVITY_TASKS, includeTaskQueueStatus: true };
      const { taskQueueStatus } = await client.workflowService.describeTaskQueue(asked);
      return Number(taskQueueStatus?.backlogCountHint ?? 0);
    };
    try {
      const first = await start('first');
      await until('the only slot to be taken', () => order.length === 1);
      const others = await Promise.all(Array.from({ length: NOISY }, (_, n) => start(`noisy-${n + 1}`)));
      await until('twenty to stand in line', async () => (await waiting()) >= NOISY);
      const late = await start('late');
      await until('one more to do so', async () => (await waiting()) > NOISY);
      letGo();
      await Promise.all([first, ...others, late].map((run) => run.result()));
    } finally {
      letGo();
    }
  };
  await withWorkers(activities, work, 1);
  return order.slice(1);
}
