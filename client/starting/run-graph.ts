import { graphWorkflowId } from '../../engine/ids.ts';
import type { Cli } from '../cli.ts';
import { CliError } from '../cli-error.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { plural } from '../output/text.ts';
import { requireWorker } from '../temporal/live-run.ts';
import { followGraphToEnd } from './conclude-graph.ts';
import { mayBeginGraph, startGraph } from './start-graph.ts';

/** Runs all syncs of the project, each after those it waits for, or follows them where they run already. */
export async function runGraph(cli: Cli, input: { readonly detach: boolean; readonly full: boolean; readonly useWorkerVersion: boolean }): Promise<ExitCode> {
  const { name: project, profile, syncNames } = await cli.session.project();
  await requireWorker(cli, { project, profile }, syncNames);
  if (!(await mayBeginGraph(cli))) {
    cli.out.note('Nothing was started.');
    return EXIT.done;
  }
  const isNew = await startGraph(cli, input);
  const workflowId = graphWorkflowId(project, profile);
  if (!isNew && input.full) {
    const message = `All of ${project} on ${profile} are running already, without --full. Follow them with "${cli.command('run --all')}" or stop them with "${cli.command('cancel --all')}" first.`;
    throw new CliError({ exitCode: EXIT.failed, code: 'RUN_CONFLICT', message });
  }
  if (input.detach) {
    cli.out.document({ graph: { workflowId, project, profile, isNew }, syncs: syncNames });
    cli.out.print(workflowId);
    cli.out.note(`${plural(syncNames.length, 'sync')} ${isNew ? 'run' : 'ran already'}. Follow them: ${cli.command('run --all')}.`);
    return EXIT.done;
  }
  cli.out.event({ event: isNew ? 'started' : 'already-running', workflowId, syncs: syncNames });
  if (!isNew) cli.out.note('All syncs are running already: following them.');
  else if (!cli.out.isLive) cli.out.note(`${plural(syncNames.length, 'sync')} started on ${profile}`);
  return followGraphToEnd(cli);
}
