import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { type ChildWorkflowHandle, getExternalWorkflowHandle, ParentClosePolicy, sleep, startChild } from '@temporalio/workflow';
import { syncWorkflowId, windowWorkflowId } from '../engine/ids.ts';
import { slotPriority } from '../engine/slot-priority.ts';
import { SYNC_WORKFLOW, type SyncInput, type SyncResult } from './contract.ts';
import { holderPauseMs } from './holder-pause.ts';
import type { syncWorkflow } from './sync.ts';

export interface ChildRun {
  /** What becomes of the run when whoever began it is terminated. */
  readonly parentClosePolicy: 'REQUEST_CANCEL' | 'ABANDON';
  /** Another run of the sync is alive: it is waited for, cancelled first, or this one is left out. */
  readonly ifInUse: 'wait' | 'cancel-other' | 'skip';
  readonly onStart?: () => void;
  readonly onInUse?: () => void;
}

/**
 * Runs a sync as a child, to its end. The workflow id is the lock: while another run of the sync is alive, its end is waited for, as it may have read before what this one
 * is to find. Cancelled with its parent, a child still closes its books.
 * @returns undefined where it was left out
 * @throws ChildWorkflowFailure
 */
export async function runSync(input: SyncInput, how: ChildRun): Promise<SyncResult | undefined> {
  const since = Date.now();
  for (;;) {
    const child = await tryStart(input, how.parentClosePolicy);
    if (child !== undefined) {
      how.onStart?.();
      return child.result();
    }
    if (how.ifInUse === 'skip') return undefined;
    how.onInUse?.();
    if (how.ifInUse === 'cancel-other') await cancelHolder(input);
    await sleep(holderPauseMs(Date.now() - since));
  }
}

/** @returns undefined while another run of the sync is alive */
async function tryStart(input: SyncInput, parentClosePolicy: ChildRun['parentClosePolicy']): Promise<ChildWorkflowHandle<typeof syncWorkflow> | undefined> {
  try {
    return await startChild<typeof syncWorkflow>(SYNC_WORKFLOW, {
      workflowId: workflowIdOf(input),
      args: [input],
      priority: slotPriority(input.ref, undefined, { isBackfill: input.options?.window !== undefined }),
      parentClosePolicy: ParentClosePolicy[parentClosePolicy],
      staticSummary: `${input.ref.sync} (${input.trigger}), run ${input.runId}`,
    });
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return undefined;
    throw error;
  }
}

/** The run of a window is beside the live one, and has a lock of its own. */
export function workflowIdOf({ ref, options }: SyncInput): string {
  return options?.window === undefined ? syncWorkflowId(ref) : windowWorkflowId(ref, options.window.from);
}

/** It may have ended meanwhile. */
async function cancelHolder(input: SyncInput): Promise<void> {
  await getExternalWorkflowHandle(workflowIdOf(input))
    .cancel()
    .catch(() => undefined);
}
