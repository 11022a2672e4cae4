import { graphWorkflowId } from '../../engine/ids.ts';
import type { Cli } from '../cli.ts';
import { CliError } from '../cli-error.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { readWorkflowState } from '../temporal/workflow-state.ts';
import { followGraphToEnd } from './conclude-graph.ts';

/** Ends what `run --all` has started: its live runs close their books, and no other begins. */
export async function cancelGraph(cli: Cli): Promise<ExitCode> {
  const { name: project, profile } = await cli.session.project();
  const temporal = await cli.session.temporal();
  const workflowId = graphWorkflowId(project, profile);
  if ((await readWorkflowState(temporal, workflowId))?.isRunning !== true) {
    const message = `There is nothing to cancel: "${cli.command('run --all')}" is not running.`;
    throw new CliError({ exitCode: EXIT.failed, code: 'NOT_RUNNING', message });
  }
  if (!(await cli.allowChange(`Cancel all syncs of ${project} on ${profile}?`))) return EXIT.done;
  await temporal.client.workflow.getHandle(workflowId).cancel();
  await cli.audit.record('run.cancelled', { details: { all: true } });
  cli.out.note('Cancelling: no new request is sent, those in flight finish.');
  await followGraphToEnd(cli);
  return EXIT.done;
}
