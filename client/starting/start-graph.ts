import { graphWorkflowId, syncScope, taskQueues } from '../../engine/ids.ts';
import { GRAPH_WORKFLOW, type GraphInput } from '../../workflows/contract.ts';
import type { Cli } from '../cli.ts';
import { CliError } from '../cli-error.ts';
import { EXIT } from '../exit-codes.ts';
import { plural } from '../output/text.ts';
import { SERVER_PATIENCE_MS } from '../temporal/patience.ts';
import { hasSearchAttributes } from '../temporal/search-attributes.ts';

export interface GraphOptions {
  readonly full: boolean;
  readonly useWorkerVersion: boolean;
}

/** Starts all syncs of the project. The workflow id is the lock. @returns false where the graph is running already */
export async function startGraph(cli: Cli, { full, useWorkerVersion }: GraphOptions): Promise<boolean> {
  const { name: project, profile, syncNames, resolve } = await cli.session.project();
  const temporal = await cli.session.temporal();
  const input: GraphInput = {
    project,
    profile,
    definitionHashes: Object.fromEntries(syncNames.map((sync) => [sync, resolve(sync).hash])),
    ...(useWorkerVersion ? { useWorkerVersion } : {}),
    ...((await hasSearchAttributes(temporal)) ? { hasSearchAttributes: true } : {}),
    ...(full ? { full } : {}),
  };
  const { WorkflowExecutionAlreadyStartedError } = await import('@temporalio/client');
  try {
    await temporal.client.connection.withDeadline(Date.now() + SERVER_PATIENCE_MS, () =>
      temporal.client.workflow.start(GRAPH_WORKFLOW, {
        workflowId: graphWorkflowId(project, profile),
        taskQueue: taskQueues(project, profile).workflows,
        args: [input],
        staticSummary: `all syncs of ${project} on ${profile}`,
      }),
    );
    await cli.audit.record('run.started', { details: { all: true, ...(full ? { full } : {}) } });
    return true;
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return false;
    throw error;
  }
}

/** The first run of a sync on a profile is not begun unasked, where a person is there to be asked. @throws CliError where there is nothing to run */
export async function mayBeginGraph(cli: Cli): Promise<boolean> {
  const { name: project, profile, syncNames, resolve } = await cli.session.project();
  for (const sync of syncNames) resolve(sync);
  if (syncNames.length === 0)
    throw new CliError({ exitCode: EXIT.usage, code: 'UNKNOWN_SYNC', message: `${project} has no syncs yet: write syncs/NAME.yaml.` });
  if (cli.flags.yes || !cli.isInteractive) return true;
  const ledger = await cli.session.ledger();
  const isNew = await Promise.all(syncNames.map(async (sync) => (await ledger.listRuns(syncScope({ project, profile, sync }), 1)).length === 0));
  const never = syncNames.filter((_, index) => isNew[index]);
  if (never.length === 0) return true;
  cli.out.note(
    `${never.join(', ')} ${never.length === 1 ? 'has' : 'have'} not run on ${profile} before. See first what would happen: ${cli.command(`plan ${never[0]}`)}\n`,
  );
  return cli.confirm(`Start ${plural(syncNames.length, 'sync')} on ${profile}?`);
}
