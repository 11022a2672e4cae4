import { getClient } from '@temporalio/activity';
import { WorkflowNotFoundError } from '@temporalio/common';
import type { Run } from '../ledger/ledger.ts';
import type { ActivityDependencies } from './dependencies.ts';

/** Closes the runs of windows whose workflow was terminated or lost: nobody else comes by, and what they have in flight is looked into by the live run. */
export async function closeDeadWindows({ ledger, now }: ActivityDependencies, scope: string): Promise<void> {
  for (const run of await ledger.listOpenWindows(scope)) {
    if (await isAlive(run)) continue;
    await ledger.closeRun(run.id, { state: 'abandoned', totals: await ledger.deriveTotals(run.id), at: now() });
  }
}

async function isAlive({ workflowId = '', firstExecutionRunId }: Run): Promise<boolean> {
  try {
    const { status, raw } = await getClient().workflow.getHandle(workflowId).describe();
    return status.name === 'RUNNING' && raw.workflowExecutionInfo?.firstRunId === firstExecutionRunId;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false;
    throw error;
  }
}
