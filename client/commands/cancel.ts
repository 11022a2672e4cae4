import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { Run } from '../../ledger/ledger.ts';
import { cancelBackfill } from '../backfilling/steer-backfill.ts';
import type { Cli } from '../cli.ts';
import { CliError } from '../cli-error.ts';
import { defineCommand } from '../command.ts';
import { cancelEvents } from '../events/steer-events.ts';
import { EXIT } from '../exit-codes.ts';
import { isOpen, settledCount } from '../following/run-snapshot.ts';
import { plural } from '../output/text.ts';
import { cancelComparison } from '../reconciling/cancel-comparison.ts';
import { restSentence } from '../reports/rest-of-run.ts';
import { runDocument } from '../reports/run-report.ts';
import { cancelGraph } from '../starting/cancel-graph.ts';
import { isHeard, requireLiveRun } from '../temporal/live-run.ts';

const PATIENCE_MS = 90_000;

export const cancelCommand = defineCommand({
  name: 'cancel',
  group: 'Steer',
  summary: 'End the live run; requests in flight finish, and its books are closed',
  arguments: [['[sync]', 'name of the sync']],
  options: [
    ['--all', 'what "run --all" has started'],
    ['--backfill', 'the backfill of the sync, with the windows that are being read'],
    ['--events', 'its run of what deliveries name; they stay open'],
    ['--reconcile', 'the comparison of its target with what was written there'],
  ],
  input: z.object({
    sync: z.string().optional(),
    all: z.boolean().default(false),
    backfill: z.boolean().default(false),
    events: z.boolean().default(false),
    reconcile: z.boolean().default(false),
  }),
  run: async (cli, { sync, all, backfill, events, reconcile }) => {
    if (all) return cancelGraph(cli);
    if (sync === undefined) throw new CliError({ exitCode: EXIT.usage, code: 'USAGE', message: 'Name a sync, or pass --all. See "syncline cancel --help".' });
    if (backfill) return cancelBackfill(cli, sync);
    if (events) return cancelEvents(cli, sync);
    if (reconcile) return cancelComparison(cli, sync);
    const { ref, run, handle } = await requireLiveRun(cli, sync, 'cancel');
    if (!(await cli.allowChange(`Cancel ${sync} (${run.id}), with ${plural(settledCount(run.totals), 'record')} done?`))) return EXIT.done;
    await handle.cancel();
    await cli.audit.record('run.cancelled', { sync, runId: run.id });
    cli.out.note('Cancelling: no new request is sent, those in flight finish.');
    const ended = (await isHeard(cli, ref, handle.workflowId)) ? await waitForEnd(cli, run.id) : undefined;
    if (ended === undefined) {
      cli.out.document({ run: { id: run.id }, isEnded: false });
      cli.out.print(`${sync} was asked to stop (${run.id}), and has not yet. Look again: ${cli.command(`show ${run.id}`)}`);
      return EXIT.done;
    }
    cli.out.document({ run: runDocument(ended), isEnded: true });
    const done = plural(settledCount(ended.totals), 'record');
    cli.out.print(
      `${cli.out.theme.warning('■')} ${sync} ended as ${ended.state.replaceAll('-', ' ')} (${run.id}), with ${done} done; ${restSentence(ended, (words) => cli.command(words))}`,
    );
    return EXIT.done;
  },
});

async function waitForEnd(cli: Cli, runId: string): Promise<Run | undefined> {
  const ledger = await cli.session.ledger();
  const signal = cli.interrupted();
  const until = Date.now() + PATIENCE_MS;
  while (Date.now() < until && !signal.aborted) {
    const run = await ledger.readRun(runId);
    if (run !== undefined && !isOpen(run.state)) return run;
    await sleep(250, undefined, { signal }).catch(() => undefined);
  }
  return undefined;
}
