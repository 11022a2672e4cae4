import { eventsWorkflowId, type SyncRef, syncScope } from '../../engine/ids.ts';
import { EVENTS_WORKFLOW, wakeUpOf } from '../../engine/wake-up.ts';
import type { Run } from '../../ledger/ledger.ts';
import { PAUSE_SIGNAL, RESUME_SIGNAL } from '../../workflows/contract.ts';
import type { Cli } from '../cli.ts';
import { CliError } from '../cli-error.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { requireWorker } from '../temporal/live-run.ts';
import { hasSearchAttributes } from '../temporal/search-attributes.ts';
import { readWorkflowState } from '../temporal/workflow-state.ts';

/** What deliveries name is kept, and not synced until it is resumed; also where there is none now. */
export async function pauseEvents(cli: Cli, sync: string): Promise<ExitCode> {
  const ref = await requireEvents(cli, sync);
  cli.requireConsent(`pause the events of ${sync}`);
  await requireWorker(cli, ref);
  const temporal = await cli.session.temporal();
  const { signal: _, ...wakeUp } = wakeUpOf(ref, await hasSearchAttributes(temporal));
  await temporal.client.workflow.signalWithStart(EVENTS_WORKFLOW, { ...wakeUp, signal: PAUSE_SIGNAL });
  await cli.audit.record('events.paused', { sync });
  cli.out.document({ sync, events: 'paused' });
  cli.out.print(`${cli.out.theme.warning('⏸')} The events of ${sync} are paused: deliveries are kept until they go on.`);
  cli.out.note(`Go on: ${cli.command(`resume ${sync} --events`)}`);
  return EXIT.done;
}

export async function resumeEvents(cli: Cli, sync: string): Promise<ExitCode> {
  const handle = await requireLiveEvents(cli, sync, 'resume');
  cli.requireConsent(`resume the events of ${sync}`);
  await handle.signal(RESUME_SIGNAL);
  await cli.audit.record('events.resumed', { sync });
  cli.out.document({ sync, events: 'resumed' });
  cli.out.print(`${cli.out.theme.good('●')} The events of ${sync} go on.`);
  return EXIT.done;
}

/** Its books are closed; what is open stays so, and the next delivery, or the schedule, begins anew. */
export async function cancelEvents(cli: Cli, sync: string): Promise<ExitCode> {
  const handle = await requireLiveEvents(cli, sync, 'cancel');
  if (!(await cli.allowChange(`Cancel the run of events of ${sync}?`))) return EXIT.done;
  await handle.cancel();
  await cli.audit.record('events.cancelled', { sync });
  cli.out.document({ sync, events: 'cancelled' });
  cli.out.print(`${cli.out.theme.warning('■')} The run of events of ${sync} was asked to stop; requests in flight finish.`);
  cli.out.note(`Its open events stay open: the next delivery begins anew. To keep them waiting: ${cli.command(`pause ${sync} --events`)}`);
  return EXIT.done;
}

/** The run of events that is open, if there is one. */
export function openRunOfEvents(beside: readonly Run[]): Run | undefined {
  return beside.find(({ options }) => options.events === true);
}

/** @throws CliError (exit 2) where the sync has none by its definition, and none are open */
async function requireEvents(cli: Cli, sync: string): Promise<SyncRef> {
  const ref = await cli.session.sync(sync);
  const isAsked = (await cli.session.project()).find(sync)?.sync.source.events !== undefined;
  if (isAsked || (await (await cli.session.ledger()).countOpenEvents(syncScope(ref))).length > 0) return ref;
  const message = `${sync} gets no events: its definition has no \`source.events\`.`;
  throw new CliError({ exitCode: EXIT.usage, code: 'USAGE', message });
}

/** @throws CliError (exit 1) where nobody looks at events of the sync now */
async function requireLiveEvents(cli: Cli, sync: string, verb: string) {
  const ref = await cli.session.sync(sync);
  const temporal = await cli.session.temporal();
  const workflowId = eventsWorkflowId(ref);
  if ((await readWorkflowState(temporal, workflowId))?.isRunning === true) return temporal.client.workflow.getHandle(workflowId);
  const message = `There is nothing to ${verb}: no events of ${sync} are being synced. See "${cli.command('status')}".`;
  throw new CliError({ exitCode: EXIT.failed, code: 'NOT_RUNNING', message });
}
