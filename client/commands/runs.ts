import { z } from 'zod';
import { syncScope } from '../../engine/ids.ts';
import { defineCommand, wholeNumber } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { formatCount } from '../output/numbers.ts';
import { renderTable } from '../output/table.ts';
import { clean } from '../output/text.ts';
import { formatDuration, formatTime } from '../output/times.ts';
import { runDocument } from '../reports/run-report.ts';
import { stateLabel } from '../reports/run-state.ts';

export const runsCommand = defineCommand({
  name: 'runs',
  group: 'Look',
  summary: 'The runs of a sync, newest first',
  arguments: [['<sync>', 'name of the sync']],
  options: [['--limit <n>', 'how many (default 20)']],
  input: z.object({ sync: z.string(), limit: wholeNumber(1, 1_000).default(20) }),
  run: async (cli, { sync, limit }) => {
    const ref = await cli.session.sync(sync);
    const ledger = await cli.session.ledger();
    const runs = await ledger.listRuns(syncScope(ref), limit);
    const drift = await ledger.readDrift(runs.map(({ id }) => id));
    cli.out.document({ sync, runs: runs.map((run) => ({ ...runDocument(run), changedFields: drift.get(run.id)?.map(({ field }) => field) })) });
    if (runs.length === 0) {
      cli.out.print(`${sync} has never run here. Start it: ${cli.command(`run ${sync}`)}`);
      return EXIT.done;
    }
    const { theme } = cli.out;
    const rows = runs.map(({ id, state, sweep, trigger, options, requestedAt, startedAt, endedAt, totals }) => [
      id,
      `${stateLabel({ state, ...(sweep === undefined ? {} : { sweep }) }, theme)}${drift.has(id) ? theme.warning(', drift') : ''}`,
      options.window === undefined ? trigger : `${trigger} from ${clean(options.window.from)}`,
      formatTime(startedAt ?? requestedAt),
      formatDuration((endedAt ?? Date.now()) - (startedAt ?? requestedAt)),
      ...[totals.read, totals.written, totals.unchanged, totals.rejected].map(formatCount),
    ]);
    const right = ['Took', 'Read', 'Written', 'Unchanged', 'Rejected'].map((title) => ({ title, align: 'right' as const }));
    cli.out.print(renderTable([{ title: 'Run' }, { title: 'State' }, { title: 'Trigger' }, { title: 'Started' }, ...right], rows, theme));
    cli.out.note(`\nOne of them: ${cli.command(`show ${runs[0]?.id ?? 'last'}`)}`);
    return EXIT.done;
  },
});
