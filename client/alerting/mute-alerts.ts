import { alertsWorkflowId, syncScope } from '../../engine/ids.ts';
import { WAKE_SIGNAL } from '../../workflows/contract.ts';
import type { Cli } from '../cli.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { formatTime } from '../output/times.ts';
import type { Temporal } from '../temporal/connect.ts';

/** `alerts mute`: nobody is told of a sync for a while. */
export async function muteAlerts(cli: Cli, sync: string, forMs: number): Promise<ExitCode> {
  const until = Date.now() + forMs;
  await setMute(cli, sync, until);
  await cli.audit.record('alerts.muted', { sync, details: { until: new Date(until).toISOString() } });
  cli.out.document({ sync, until: new Date(until).toISOString() });
  cli.out.print(`${cli.out.theme.good('✓')} Nobody is told of ${sync} before ${formatTime(until)}; what still holds then is told.`);
  cli.out.note(`End that: ${cli.command(`alerts unmute ${sync}`)}`);
  return EXIT.done;
}

/** `alerts unmute`: what was kept back is told now. */
export async function unmuteAlerts(cli: Cli, sync: string): Promise<ExitCode> {
  const { client } = await cli.session.temporal();
  const scope = await setMute(cli, sync, 0);
  await cli.audit.record('alerts.unmuted', { sync });
  await wake(cli, client);
  cli.out.document({ sync });
  cli.out.print(`${cli.out.theme.good('✓')} ${sync} is told of again.`);
  const open = await (await cli.session.ledger()).listUnfinishedIncidents(scope);
  if (open.length > 0) cli.out.note(`See what is open: ${cli.command('alerts list')}`);
  return EXIT.done;
}

async function setMute(cli: Cli, sync: string, until: number): Promise<string> {
  const scope = syncScope(await cli.session.sync(sync));
  cli.requireConsent(`${until === 0 ? 'unmute' : 'mute'} the alerts of ${sync}`);
  await (await cli.session.ledger()).muteAlerts({ scope, until });
  return scope;
}

/** Whoever waits for the end of the mute is not to wait any longer. Nobody does where nothing was kept back. */
async function wake(cli: Cli, client: Temporal['client']): Promise<void> {
  const { name, profile } = await cli.session.project();
  const { WorkflowNotFoundError } = await import('@temporalio/client');
  try {
    await client.workflow.getHandle(alertsWorkflowId(name, profile)).signal(WAKE_SIGNAL);
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
  }
}
