import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { ParentClosePolicy, sleep, startChild } from '@temporalio/workflow';
import { syncWorkflowId } from '../engine/ids.ts';
import { SYNC_WORKFLOW, type SyncInput, type SyncResult } from './contract.ts';
import type { syncWorkflow } from './sync.ts';

const FIRST_PAUSE_MS = 5_000;
const LONGEST_PAUSE_MS = 120_000;

/**
 * Runs a sync as a child, to its end. The workflow id is the lock: while another run of the sync is alive, its end is waited for, as it may have read before what this one
 * is to find. Cancelled with its parent, a child still closes its books.
 * @throws ChildWorkflowFailure
 */
export async function runSync(input: SyncInput, on: { readonly start: () => void; readonly inUse: () => void }): Promise<SyncResult> {
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
    try {
      const child = await startChild<typeof syncWorkflow>(SYNC_WORKFLOW, {
        workflowId: syncWorkflowId(input.ref),
        args: [input],
        parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
        staticSummary: `${input.ref.sync} (${input.trigger}), run ${input.runId}`,
      });
      on.start();
      return await child.result();
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    }
    on.inUse();
    await sleep(pauseMs);
  }
}
