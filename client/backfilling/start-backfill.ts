import type { BackfillRange } from '../../engine/backfill-range.ts';
import { backfillWorkflowId, type SyncRef, taskQueues } from '../../engine/ids.ts';
import { BACKFILL_WORKFLOW, type BackfillInput } from '../../workflows/contract.ts';
import type { Cli } from '../cli.ts';
import { SERVER_PATIENCE_MS } from '../temporal/patience.ts';
import { hasSearchAttributes } from '../temporal/search-attributes.ts';

export interface StartBackfill {
  readonly ref: SyncRef;
  readonly range: BackfillRange;
  readonly parallel: number;
  readonly definitionHash: string;
}

/** The workflow id is the lock. @returns false where another backfill of the sync is running */
export async function startBackfill(cli: Cli, { ref, range, parallel, definitionHash }: StartBackfill): Promise<boolean> {
  const temporal = await cli.session.temporal();
  const input: BackfillInput = {
    ref,
    range,
    parallel,
    definitionHash,
    ...((await hasSearchAttributes(temporal)) ? { hasSearchAttributes: true } : {}),
  };
  const { WorkflowExecutionAlreadyStartedError } = await import('@temporalio/client');
  try {
    await temporal.client.connection.withDeadline(Date.now() + SERVER_PATIENCE_MS, () =>
      temporal.client.workflow.start(BACKFILL_WORKFLOW, {
        workflowId: backfillWorkflowId(ref),
        taskQueue: taskQueues(ref.project, ref.profile).workflows,
        args: [input],
        staticSummary: `${ref.sync}, from ${range.from} to ${range.to}`,
      }),
    );
    await cli.audit.record('backfill.started', { sync: ref.sync, details: { from: range.from, to: range.to, parallel } });
    return true;
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return false;
    throw error;
  }
}
