import { rejectedPercent } from '../../engine/books.ts';
import type { SyncRef } from '../../engine/ids.ts';
import type { Cli } from '../cli.ts';
import { CliError } from '../cli-error.ts';
import { EXIT, type ExitCode, exitCodeOf } from '../exit-codes.ts';
import { renderFields } from '../output/table.ts';
import { backfillLine, failedLines } from './backfill-lines.ts';
import { backfillOfRest } from './backfill-of-rest.ts';
import { openBackfillView } from './backfill-views.ts';
import { type BackfillSnapshot, followBackfill } from './follow-backfill.ts';

/** Follows a backfill to its end and says what became of it; on Ctrl-C leaves it going. */
export async function followBackfillToEnd(cli: Cli, ref: SyncRef): Promise<ExitCode> {
  const { out } = cli;
  const view = openBackfillView(out);
  const followed = await followBackfill({ ledger: await cli.session.ledger(), temporal: await cli.session.temporal(), ref, view, signal: cli.interrupted() });
  switch (followed.end) {
    case 'left': {
      out.event({ event: 'left' });
      out.note(`The backfill of ${ref.sync} goes on.\n`);
      const next: readonly (readonly [string, string])[] = [
        ['Follow it again', cli.command(`backfill ${ref.sync}`)],
        ['Stop it', cli.command(`cancel ${ref.sync} --backfill`)],
      ];
      out.note(renderFields(next, out.noteTheme));
      return EXIT.done;
    }
    case 'lost': {
      const status = followed.status.toLowerCase().replaceAll('_', ' ');
      const message = `The backfill of ${ref.sync} ended from outside (${status}). What was written is in the ledger; what it has not read, "${cli.command(`runs ${ref.sync}`)}" shows.`;
      throw new CliError({ exitCode: EXIT.failed, code: 'RUN_LOST', message });
    }
    case 'ended':
      return conclude(cli, ref, followed.snapshot);
  }
}

async function conclude(cli: Cli, { sync }: SyncRef, snapshot: BackfillSnapshot): Promise<ExitCode> {
  const { out } = cli;
  const { progress, totals } = snapshot;
  const { definition } = (await cli.session.project()).resolve(sync);
  const exitCode = exitCodeFor(snapshot, definition.maxRejectedPercent);
  const { theme } = out;
  const isWhole = progress.phase === 'done' && progress.failedCount === 0;
  const mark = isWhole ? theme.good('✓') : progress.phase === 'cancelled' ? theme.warning('■') : theme.bad('✗');
  out.print([`${mark} ${theme.strong(sync)}  ${backfillLine(snapshot)}`, ...failedLines(progress, theme)].join('\n'));
  out.event({ event: 'finished', exitCode, ...progress, totals });
  const next = nextStep(cli, sync, snapshot);
  if (next !== undefined) out.note(`\n${next}`);
  return exitCode;
}

function exitCodeFor({ progress, totals }: BackfillSnapshot, maxRejectedPercent: number): ExitCode {
  const [failed] = progress.failed;
  if (failed !== undefined) return failed.code === undefined ? EXIT.failed : exitCodeOf(failed.code);
  if (progress.phase !== 'done') return EXIT.failed;
  return totals.held > 0 || rejectedPercent(totals) > maxRejectedPercent ? EXIT.rejections : EXIT.done;
}

function nextStep(cli: Cli, sync: string, { progress, totals }: BackfillSnapshot): string | undefined {
  const [first] = progress.failed;
  const again = cli.command(backfillOfRest(sync, progress));
  if (first !== undefined) return `Why: ${cli.command(`show ${first.runId}`)}\nMend it, then go on: ${again}`;
  if (progress.phase === 'cancelled') return `What it has written stays. Start it again: ${again}`;
  return totals.rejected + totals.held > 0 ? `Next: ${cli.command(`errors ${sync}`)}` : undefined;
}
