import { z } from 'zod';
import { defineCommand } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { isOpen } from '../following/run-snapshot.ts';
import { findRun } from '../reports/find-run.ts';
import { followCommand } from '../reports/follow-command.ts';
import { readReport } from '../reports/read-report.ts';
import { renderReport } from '../reports/render-report.ts';
import { reportDocument } from '../reports/run-report.ts';
import { renderShape } from '../reports/shape-table.ts';

export const showCommand = defineCommand({
  name: 'show',
  group: 'Look',
  summary: 'One run: outcomes, cost, books, what was rejected',
  arguments: [['<run>', 'id of the run, a unique beginning of it, or "last"']],
  options: [['--shape', 'also what the records of the source look like: fields, types, shares']],
  examples: ['syncline show last', 'syncline show r_01k2m', 'syncline show last --shape'],
  input: z.object({ run: z.string(), shape: z.boolean().default(false) }),
  run: async (cli, input) => {
    const run = await findRun(cli, input.run);
    const report = await readReport(cli, run);
    cli.out.document({ ...reportDocument(report), ...(input.shape ? { shape: report.shape?.shape ?? null } : {}) });
    cli.out.print(renderReport(report, cli.out));
    if (input.shape) cli.out.print(`\n${report.shape === undefined ? 'What the run read is not kept.' : renderShape(report.shape, cli.out.theme)}`);
    if (isOpen(run.state) && run.sweep?.state === 'waiting') cli.out.note(`\nSee what for: ${cli.command(`deletes list ${run.id}`)}`);
    else if (isOpen(run.state)) cli.out.note(`\nFollow it: ${cli.command(followCommand(run))}`);
    else if (run.totals.rejected > 0 || run.totals.held > 0) cli.out.note(`\nMore: ${cli.command(`errors ${report.sync}`)}`);
    return EXIT.done;
  },
});
