import { condition, continueAsNew, proxyActivities, setHandler, workflowInfo } from '@temporalio/workflow';
import type { Activities } from '../activities/activities.ts';
import { taskQueues } from '../engine/ids.ts';
import type { AlertsInput } from './contract.ts';
import { wakeSignal } from './messages.ts';

const FIRST_PAUSE_MS = 2_000;
const PAUSE_FACTOR = 3;
const LONGEST_PAUSE_MS = 900_000;
/** A channel that does not answer for so long is tried again with the next alert. */
const PATIENCE_MS = 86_400_000;

/**
 * Sends the alerts of a project on a profile, beside whatever runs: the id is the lock, so that nothing is sent by two. Whoever judges wakes it. It goes on while a channel is still
 * to be told, with growing pauses, and ends when there is nothing more to tell.
 */
export async function alertsWorkflow({ project, profile, since = Date.now() }: AlertsInput): Promise<void> {
  const { sendAlerts } = proxyActivities<Activities>({
    taskQueue: taskQueues(project, profile).bookkeeping,
    startToCloseTimeout: '5 minutes',
    heartbeatTimeout: '20 seconds',
    retry: { initialInterval: '1 second', maximumInterval: '1 minute' },
    summary: 'Send alerts',
  });
  let wokenAt = since;
  let isWoken = false;
  setHandler(wakeSignal, () => {
    isWoken = true;
    wokenAt = Date.now();
  });
  for (let pauseMs = FIRST_PAUSE_MS; ; ) {
    isWoken = false;
    const { again, nextAt } = await sendAlerts({ project, profile });
    if (again === undefined) pauseMs = FIRST_PAUSE_MS;
    const isPatient = Date.now() - wokenAt < PATIENCE_MS;
    const waits = [
      again !== undefined && isPatient ? (again === 'soon' ? pauseMs : LONGEST_PAUSE_MS) : [],
      nextAt === undefined ? [] : nextAt - Date.now(),
    ].flat();
    if (again === 'soon') pauseMs = Math.min(pauseMs * PAUSE_FACTOR, LONGEST_PAUSE_MS);
    if (waits.length === 0 && !isWoken) return;
    if (waits.length > 0 && (await condition(() => isWoken, Math.max(1_000, ...[Math.min(...waits)])))) pauseMs = FIRST_PAUSE_MS;
    if (workflowInfo().continueAsNewSuggested) return continueAsNew<typeof alertsWorkflow>({ project, profile, since: wokenAt });
  }
}
