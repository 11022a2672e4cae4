import type { WorkflowHandle } from '@temporalio/client';
import { z } from 'zod';
import { reconcileWorkflowId, type SyncRef } from '../../engine/ids.ts';
import type { Cli } from '../cli.ts';
import { CliError } from '../cli-error.ts';
import { EXIT } from '../exit-codes.ts';
import { SERVER_PATIENCE_MS } from '../temporal/patience.ts';
import { readWorkflowState } from '../temporal/workflow-state.ts';

/** Where the workflow of a comparison says which one it is, to whoever joins it. */
export const COMPARISON_MEMO = 'reconciliation';

const memoSchema = z.object({ [COMPARISON_MEMO]: z.string() });

/** The id of the comparison that is under way, or was last. */
export async function idOfComparison(cli: Cli, ref: SyncRef): Promise<string> {
  const { client } = await cli.session.temporal();
  const describe = () => client.workflow.getHandle(reconcileWorkflowId(ref)).describe();
  const { memo } = await client.connection.withDeadline(Date.now() + SERVER_PATIENCE_MS, describe);
  return memoSchema.parse(memo)[COMPARISON_MEMO];
}

/** The comparison of a sync that is under way. @throws CliError (exit 1) where none is */
export async function requireComparison(cli: Cli, sync: string): Promise<{ readonly ref: SyncRef; readonly handle: WorkflowHandle }> {
  const ref = await cli.session.sync(sync);
  const temporal = await cli.session.temporal();
  const workflowId = reconcileWorkflowId(ref);
  if ((await readWorkflowState(temporal, workflowId))?.isRunning === true) return { ref, handle: temporal.client.workflow.getHandle(workflowId) };
  const message = `There is nothing to cancel: the target of ${sync} is not being compared. Compare it with "${cli.command(`reconcile ${sync}`)}".`;
  throw new CliError({ exitCode: EXIT.failed, code: 'NOT_RUNNING', message });
}
