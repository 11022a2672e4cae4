import type { WorkflowHandle } from '@temporalio/client';
import { backfillWorkflowId, type SyncRef } from '../../engine/ids.ts';
import { BACKFILL_QUERY, type BackfillProgress } from '../../workflows/contract.ts';
import type { Cli } from '../cli.ts';
import { CliError } from '../cli-error.ts';
import { EXIT } from '../exit-codes.ts';
import type { Temporal } from '../temporal/connect.ts';
import { readWorkflowState } from '../temporal/workflow-state.ts';

const QUERY_TIMEOUT_MS = 5_000;

/** How far it is; also of one that has ended. Undefined where no worker answers, or there is none. */
export async function askBackfill({ client }: Temporal, ref: SyncRef): Promise<BackfillProgress | undefined> {
  try {
    return await client.connection.withDeadline(Date.now() + QUERY_TIMEOUT_MS, () =>
      client.workflow.getHandle(backfillWorkflowId(ref)).query<BackfillProgress>(BACKFILL_QUERY),
    );
  } catch {
    return undefined;
  }
}

export async function isBackfillRunning(cli: Cli, ref: SyncRef): Promise<boolean> {
  return (await readWorkflowState(await cli.session.temporal(), backfillWorkflowId(ref)))?.isRunning === true;
}

/** The backfill of a sync, to be steered. @throws CliError (exit 1) where none is running */
export async function requireBackfill(cli: Cli, sync: string, verb: string): Promise<{ readonly ref: SyncRef; readonly handle: WorkflowHandle }> {
  const ref = await cli.session.sync(sync);
  if (await isBackfillRunning(cli, ref)) return { ref, handle: (await cli.session.temporal()).client.workflow.getHandle(backfillWorkflowId(ref)) };
  const message = `There is nothing to ${verb}: no backfill of ${sync} is running. Start one with "${cli.command(`backfill ${sync} --from 2026-01-01`)}".`;
  throw new CliError({ exitCode: EXIT.failed, code: 'NOT_RUNNING', message });
}
