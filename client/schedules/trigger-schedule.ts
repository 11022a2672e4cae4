import type { ScheduleOverlapPolicy } from '@temporalio/client';
import type { SyncRef } from '../../engine/ids.ts';
import type { Cli } from '../cli.ts';
import { findLiveRun } from '../starting/start-run.ts';
import { requireWorker } from '../temporal/live-run.ts';
import type { FoundSchedule } from './read-schedules.ts';

/** Runs a sync by its schedule now, where the schedule would: by itself a trigger would start beside whatever is alive. */
export async function triggerSchedule(cli: Cli, ref: SyncRef, found: FoundSchedule): Promise<void> {
  const { client } = await cli.session.temporal();
  const handle = client.schedule.getHandle(found.id);
  const { overlap } = (await handle.describe()).policies;
  const alive = await findLiveRun(cli, ref);
  const { isTriggered, words } = triggerWords(ref.sync, overlap, alive !== undefined || found.isRunning);
  if (isTriggered) {
    await requireWorker(cli, ref, [ref.sync]);
    await handle.trigger(overlap);
    await cli.audit.record('schedule.triggered', { sync: ref.sync });
  }
  const { theme } = cli.out;
  cli.out.document({ sync: ref.sync, isTriggered, ...(alive === undefined ? {} : { alive }) });
  cli.out.print(`${isTriggered ? theme.good('✓') : theme.warning('!')} ${words}`);
  cli.out.note(`Follow it: ${cli.command(`run ${ref.sync}`)}`);
}

export function triggerWords(sync: string, overlap: ScheduleOverlapPolicy, isAlive: boolean): { readonly isTriggered: boolean; readonly words: string } {
  if (isAlive && overlap === 'SKIP')
    return { isTriggered: false, words: `A run of ${sync} is alive, and its schedule leaves out what is due meanwhile: nothing was started.` };
  const isLater = isAlive && (overlap === 'BUFFER_ONE' || overlap === 'BUFFER_ALL');
  return { isTriggered: true, words: `${sync} is run by its schedule ${isLater ? 'when the run that is alive has ended' : 'now'}.` };
}
