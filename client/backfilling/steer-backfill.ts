import { setTimeout as sleep } from 'node:timers/promises';
import type { SyncRef } from '../../engine/ids.ts';
import { PAUSE_SIGNAL, RESUME_SIGNAL } from '../../workflows/contract.ts';
import type { Cli } from '../cli.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { plural } from '../output/text.ts';
import { isHeard } from '../temporal/live-run.ts';
import { followBackfillToEnd } from './conclude-backfill.ts';
import { askBackfill, requireBackfill } from './find-backfill.ts';

const PATIENCE_MS = 15_000;

/** No further window is begun; those that are being read settle what is in flight, and wait. */
export async function pauseBackfill(cli: Cli, sync: string): Promise<ExitCode> {
  return setPaused(cli, sync, true);
}

export async function resumeBackfill(cli: Cli, sync: string): Promise<ExitCode> {
  return setPaused(cli, sync, false);
}

/** Its windows close their books, and no other begins. */
export async function cancelBackfill(cli: Cli, sync: string): Promise<ExitCode> {
  const { ref, handle } = await requireBackfill(cli, sync, 'cancel');
  const progress = await askBackfill(await cli.session.temporal(), ref);
  const done = progress === undefined ? '' : `, with ${plural(progress.done, 'window')} of ${progress.windows} read`;
  if (!(await cli.allowChange(`Cancel the backfill of ${sync}${done}?`))) return EXIT.done;
  await handle.cancel();
  await cli.audit.record('backfill.cancelled', { sync });
  cli.out.note('Cancelling: no new request is sent, those in flight finish.');
  await followBackfillToEnd(cli, ref);
  return EXIT.done;
}

async function setPaused(cli: Cli, sync: string, isPaused: boolean): Promise<ExitCode> {
  const { ref, handle } = await requireBackfill(cli, sync, isPaused ? 'pause' : 'resume');
  cli.requireConsent(`${isPaused ? 'pause' : 'resume'} the backfill of ${sync}`);
  await handle.signal(isPaused ? PAUSE_SIGNAL : RESUME_SIGNAL);
  await cli.audit.record(isPaused ? 'backfill.paused' : 'backfill.resumed', { sync });
  const isDone = (await isHeard(cli, ref, handle.workflowId)) && (await waitForPause(cli, ref, isPaused));
  cli.out.document({ backfill: ref, paused: isDone ? isPaused : !isPaused, changed: isDone });
  const { theme } = cli.out;
  const words = isPaused ? `${theme.warning('⏸')} The backfill of ${sync} is paused.` : `${theme.good('●')} The backfill of ${sync} goes on.`;
  cli.out.print(isDone ? words : `The backfill of ${sync} was asked to ${isPaused ? 'pause' : 'go on'}; it will when a worker takes the message.`);
  cli.out.note(isPaused ? `Go on: ${cli.command(`resume ${sync} --backfill`)}` : `Follow it: ${cli.command(`backfill ${sync}`)}`);
  return EXIT.done;
}

async function waitForPause(cli: Cli, ref: SyncRef, isPaused: boolean): Promise<boolean> {
  const temporal = await cli.session.temporal();
  for (const until = Date.now() + PATIENCE_MS; Date.now() < until; await sleep(200)) if ((await askBackfill(temporal, ref))?.paused === isPaused) return true;
  return false;
}
