import { windowKind } from '../../definition/window-kind.ts';
import type { SyncRef } from '../../engine/ids.ts';
import type { Cli } from '../cli.ts';
import { CliError } from '../cli-error.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { formatTime } from '../output/times.ts';
import { requireWorker } from '../temporal/live-run.ts';
import type { FoundSchedule } from './read-schedules.ts';

export interface AskedTicks {
  readonly ref: SyncRef;
  readonly from: Date | undefined;
  /** @default the present */
  readonly to: Date | undefined;
}

/** Runs again what was due in a time of the past, each run with the window since the one before it, one after the other. */
export async function backfillSchedule(cli: Cli, { id }: FoundSchedule, { ref, from, to: until }: AskedTicks): Promise<ExitCode> {
  const now = new Date();
  const to = until === undefined || until > now ? now : until;
  if (from === undefined) throw refused(`Say from when: ${cli.command(`schedule backfill ${ref.sync} --from 2026-01-31`)}`);
  if (from >= to) throw refused(from >= now ? '--from must be in the past.' : '--from must be before --to.');
  const { definition } = (await cli.session.project()).resolve(ref.sync);
  if (windowKind(definition) === undefined)
    throw refused(`${ref.sync} reads everything each time: one run does for all that were due. ${cli.command(`run ${ref.sync} --full`)}`);
  await requireWorker(cli, ref, [ref.sync]);
  if (!(await cli.allowChange(`Run what was due of ${ref.sync} from ${formatTime(from.getTime())} to ${formatTime(to.getTime())} again?`))) return EXIT.done;
  const { client } = await cli.session.temporal();
  await client.schedule.getHandle(id).backfill({ start: from, end: to, overlap: 'BUFFER_ALL' });
  await cli.audit.record('schedule.backfilled', { sync: ref.sync, details: { from: from.toISOString(), to: to.toISOString() } });
  cli.out.document({ schedule: id, from: from.toISOString(), to: to.toISOString() });
  cli.out.print(`${cli.out.theme.good('✓')} What was due of ${ref.sync} is run again, one after the other.`);
  cli.out.note(`See the runs: ${cli.command(`runs ${ref.sync}`)}`);
  return EXIT.done;
}

function refused(message: string): CliError {
  return new CliError({ exitCode: EXIT.usage, code: 'USAGE', message });
}
