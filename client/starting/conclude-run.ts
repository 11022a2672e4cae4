import { type SyncRef, syncScope } from '../../engine/ids.ts';
import type { Run } from '../../ledger/ledger.ts';
import type { Cli } from '../cli.ts';
import { CliError } from '../cli-error.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { EventView } from '../following/event-view.ts';
import { followRun } from '../following/follow-run.ts';
import { LiveView } from '../following/live-lines.ts';
import { renderLive } from '../following/live-view.ts';
import { PlainView } from '../following/plain-view.ts';
import { formatCount } from '../output/numbers.ts';
import { renderFields } from '../output/table.ts';
import { plural } from '../output/text.ts';
import { readReport } from '../reports/read-report.ts';
import { renderReport } from '../reports/render-report.ts';
import { reportExitCode } from '../reports/report-exit-code.ts';
import { restOfRun, restSentence } from '../reports/rest-of-run.ts';
import { reportDocument, unrepairedDrift } from '../reports/run-report.ts';
import { openDriftOf } from '../reports/shape-lines.ts';
import { takeAwayOf } from '../reports/take-away.ts';
import { findIdleQueue } from '../temporal/connection-queues.ts';
import { printAdopted, printPlanEnd } from './print-ends.ts';
import { printSent } from './print-sent.ts';

/** Follows a run to its end and prints its report; on Ctrl-C leaves it going. @returns the exit code that the run deserves */
export async function followToEnd(cli: Cli, ref: SyncRef, runId: string): Promise<ExitCode> {
  const { out } = cli;
  const followed = await followRun({
    ledger: await cli.session.ledger(),
    temporal: await cli.session.temporal(),
    runId,
    ref,
    findIdleQueue: () => findIdleQueue(cli, [ref.sync]),
    view: out.isJson ? new EventView(out) : out.isLive ? new LiveView(out, (snapshot, spinner) => renderLive(snapshot, out, spinner)) : new PlainView(out),
    signal: cli.interrupted(),
  });
  switch (followed.end) {
    case 'left':
      out.event({ event: 'left', run: runId });
      out.note(`${ref.sync} goes on as ${runId}.\n`);
      out.note(
        renderFields(
          [
            ['Follow it again', cli.command(`run ${ref.sync}`)],
            ['Stop it', cli.command(`cancel ${ref.sync}`)],
          ],
          out.noteTheme,
        ),
      );
      return EXIT.done;
    case 'lost':
      throw new CliError({
        exitCode: EXIT.failed,
        code: 'RUN_LOST',
        message: `The workflow of ${runId} ended from outside (${followed.status.toLowerCase().replaceAll('_', ' ')}). What was written is in the ledger; ${restSentence(followed.run ?? { scope: syncScope(ref), options: {} }, (words) => cli.command(words))}`,
      });
    case 'waiting':
      return askForDecision(cli, ref, followed.run);
    case 'closed':
      return conclude(cli, ref, followed.run);
  }
}

/** The run holds still, for days if need be. */
async function askForDecision(cli: Cli, { sync }: SyncRef, run: Run): Promise<ExitCode> {
  const { out } = cli;
  const { id, sweep } = run;
  const { verb, Verb } = await takeAwayOf(cli, run);
  const { due = 0, known = 0 } = sweep ?? {};
  out.event({ event: 'waiting', run: id, for: 'deletes', code: 'DELETE_GUARD', due, known });
  out.print(
    `${out.theme.warning('⏸')} ${out.theme.strong(sync)} waits for you: ${plural(due, 'record')} of ${formatCount(known)} gone from the source, more than the guard lets it ${verb}.`,
  );
  out.note(`\nNothing has been ${verb}d yet.\n`);
  const steps: readonly (readonly [string, string])[] = [
    ['See them', cli.command(`deletes list ${id}`)],
    [`${Verb} them`, cli.command(`deletes approve ${id}`)],
    ['Keep them', cli.command(`deletes deny ${id}`)],
  ];
  out.note(renderFields(steps, out.noteTheme));
  return EXIT.waiting;
}

async function conclude(cli: Cli, ref: SyncRef, run: Run): Promise<ExitCode> {
  const { out } = cli;
  const isOfFew = run.options.keys !== undefined || run.options.limit !== undefined;
  const report = await readReport(cli, run);
  // Each record's own rejection is told below: those of all the others would drown it.
  out.print(renderReport(isOfFew ? { ...report, rejections: [] } : report, out));
  if (isOfFew) await printSent(cli, ref, run);
  const notAsPlanned = run.options.plan === undefined ? 0 : await printPlanEnd(cli, run);
  if (run.options.adopt === true) await printAdopted(cli, run);
  out.event({ event: 'finished', ...reportDocument(report) });
  const drift = unrepairedDrift(report.drift);
  const hasChanged = openDriftOf(report.shape).length > 0;
  const next = hasChanged ? `If the source is to be like that: ${cli.command(`run ${ref.sync} --accept-drift`)}` : nextStep(cli, ref, run, drift);
  if (next !== undefined) out.note(`\n${next}`);
  const code = reportExitCode(report);
  return code === EXIT.done && notAsPlanned > 0 ? EXIT.rejections : code;
}

function nextStep(cli: Cli, ref: SyncRef, run: Run, drift: number): string | undefined {
  if (drift > 0) return `See it: ${cli.command(`reconcile ${ref.sync}`)}`;
  if (run.failure?.code === 'DEFINITION_INVALID' || run.failure?.code === 'SECRET_MISSING') return `Next: ${cli.command('check')}`;
  if (run.failure?.code === 'CREDENTIALS_REJECTED' || run.failure?.code === 'SYSTEM_UNAVAILABLE') return `Next: ${cli.command('check --live')}`;
  if (run.state === 'cancelled') return goOn(cli, run);
  if (run.totals.rejected > 0 || run.totals.held > 0) return `Next: ${cli.command(`errors ${ref.sync}`)}`;
  if (run.state === 'books-open') return `Next: ${cli.command(`run ${ref.sync}`)}, and report this as a defect.`;
  return undefined;
}

function goOn(cli: Cli, run: Run): string {
  const { by, command } = restOfRun(run);
  return command === undefined ? `What is left is taken by ${by}.` : `Go on: ${cli.command(command)}`;
}
