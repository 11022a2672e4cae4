import { proxyActivities } from '@temporalio/workflow';
import type { Activities } from '../activities/activities.ts';
import { taskQueues } from '../engine/ids.ts';
import type { WatchInput } from './contract.ts';

/** What the watch's schedule starts: looks at what is wrong without a run having ended, or begun. */
export async function watchWorkflow({ project, profile }: WatchInput): Promise<void> {
  const { watchAlerts } = proxyActivities<Activities>({
    taskQueue: taskQueues(project, profile).bookkeeping,
    startToCloseTimeout: '5 minutes',
    retry: { initialInterval: '1 second', maximumInterval: '1 minute' },
    summary: 'Judge the alert rules',
  });
  await watchAlerts({ project, profile });
}
