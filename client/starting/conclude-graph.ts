import { parseSyncScope, syncScope } from '../../engine/ids.ts';
import type { GraphSync } from '../../workflows/contract.ts';
import type { Cli } from '../cli.ts';
import { CliError } from '../cli-error.ts';
import { EXIT, type ExitCode, exitCodeOf } from '../exit-codes.ts';
import { followGraph, type GraphSnapshot } from '../following/follow-graph.ts';
import { graphLines } from '../following/graph-lines.ts';
import { openGraphView } from '../following/graph-views.ts';
import { renderFields } from '../output/table.ts';
import { graphSyncExitCode, worstOf } from '../reports/graph-exit-code.ts';
import { readReport } from '../reports/read-report.ts';
import { runDocument } from '../reports/run-report.ts';
import { openDriftOf } from '../reports/shape-lines.ts';

/** Follows a graph to its end and prints a line for each sync; on Ctrl-C leaves it going. @returns the worst exit code of its runs */
export async function followGraphToEnd(cli: Cli): Promise<ExitCode> {
  const { out } = cli;
  const { name: project, profile } = await cli.session.project();
  const view = openGraphView(out);
  const followed = await followGraph({
    ledger: await cli.session.ledger(),
    temporal: await cli.session.temporal(),
    project,
    profile,
    view,
    signal: cli.interrupted(),
  });
  switch (followed.end) {
    case 'left': {
      out.event({ event: 'left' });
      out.note('All goes on.\n');
      const next: readonly (readonly [string, string])[] = [
        ['Follow it again', cli.command('run --all')],
        ['Stop it', cli.command('cancel --all')],
      ];
      out.note(renderFields(next, out.noteTheme));
      return EXIT.done;
    }
    case 'lost': {
      const { failure } = followed;
      if (failure !== undefined) throw new CliError({ exitCode: exitCodeOf(failure.code), code: failure.code, message: failure.message });
      const message = `The graph ended before its syncs did (${followed.status.toLowerCase().replaceAll('_', ' ')}). What was written is in the ledger; "${cli.command('run --all')}" goes on from there.`;
      throw new CliError({ exitCode: EXIT.failed, code: 'RUN_LOST', message });
    }
    case 'waiting':
    case 'done':
      return conclude(cli, followed.snapshot, followed.end);
  }
}

async function conclude(cli: Cli, snapshot: GraphSnapshot, end: 'waiting' | 'done'): Promise<ExitCode> {
  const { out } = cli;
  const { syncs } = snapshot.progress;
  const codes = await Promise.all(syncs.map((sync) => exitCodeFor(cli, sync, snapshot)));
  const exitCode = end === 'waiting' ? EXIT.waiting : worstOf(codes);
  out.print(graphLines(snapshot, out.theme).join('\n'));
  out.event({
    event: end === 'done' ? 'finished' : 'waiting',
    exitCode,
    syncs: syncs.map((sync) => ({ ...sync, runs: runsOf(sync, snapshot).map(runDocument) })),
  });
  const next = end === 'waiting' ? waitingStep(cli, snapshot) : nextStep(cli, snapshot, codes);
  if (next !== undefined) out.note(`\n${next}`);
  return exitCode;
}

async function exitCodeFor(cli: Cli, sync: GraphSync, snapshot: GraphSnapshot): Promise<ExitCode> {
  const { name: project, profile } = await cli.session.project();
  const runs = runsOf(sync, snapshot);
  const [first] = runs;
  const { held } = await (await cli.session.ledger()).countRecords(syncScope({ project, profile, sync: sync.sync }));
  if (first === undefined) return graphSyncExitCode({ sync, runs, heldNow: held, maxRejectedPercent: 0 });
  const { maxRejectedPercent, shape } = await readReport(cli, first);
  const code = graphSyncExitCode({ sync, runs, heldNow: held, maxRejectedPercent });
  return code === EXIT.done && openDriftOf(shape).length > 0 ? EXIT.rejections : code;
}

function runsOf({ runId, secondRuns }: GraphSync, { runs }: GraphSnapshot) {
  return [runId, ...secondRuns].flatMap((id) => runs.get(id ?? '') ?? []);
}

function nextStep(cli: Cli, snapshot: GraphSnapshot, codes: readonly ExitCode[]): string | undefined {
  const words = afterGraph(snapshot, codes);
  return words === undefined ? undefined : `Next: ${cli.command(words)}`;
}

/** The command that tells most of what went wrong. */
export function afterGraph(snapshot: GraphSnapshot, codes: readonly ExitCode[]): string | undefined {
  const { syncs } = snapshot.progress;
  const failed = syncs.find(({ state, runId }) => state === 'failed' && runId !== undefined);
  if (failed !== undefined) return `show ${failed.secondRuns.at(-1) ?? failed.runId}`;
  const refused = syncs.find((_, index) => codes[index] === EXIT.rejections);
  if (refused === undefined) return undefined;
  const hasRefused = runsOf(refused, snapshot).some(({ totals }) => totals.rejected + totals.held > 0);
  return hasRefused ? `errors ${refused.sync}` : `show ${refused.runId ?? 'last'}`;
}

function waitingStep(cli: Cli, { runs }: GraphSnapshot): string | undefined {
  const waiting = [...runs.values()].find(({ sweep }) => sweep?.state === 'waiting');
  return waiting === undefined ? undefined : `${parseSyncScope(waiting.scope).sync} waits for you: ${cli.command(`deletes list ${waiting.id}`)}`;
}
