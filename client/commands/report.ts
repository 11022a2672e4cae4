import { z } from 'zod';
import { CliError } from '../cli-error.ts';
import { agoSchema, defineCommand, wholeNumber } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { findRun } from '../reports/find-run.ts';
import { writeRunPage } from '../run-page/write-run-page.ts';
import { writeTrendPage } from '../trend-page/write-trend-page.ts';

const MONTH_MS = 30 * 86_400_000;

export const reportCommand = defineCommand({
  name: 'report',
  group: 'Look',
  summary: 'One run, or the runs of a time, as a page of charts in one HTML file, to look at or to hand on',
  arguments: [['<what>', 'id of a run, a unique beginning of it, or "last"; or the name of a sync']],
  options: [
    ['--last <time>', 'of a sync: its runs of the last 30d, 12h, … (default 30d)'],
    ['--runs <n>', 'of a sync: also the pages of its newest so many runs, linked (default 0)'],
    ['--out <file>', 'where to write it (default <run>.html or <sync>.html in this folder)'],
  ],
  examples: [
    'syncline report last',
    'syncline report r_01k2m --out monday.html',
    'syncline report contacts-to-hubspot --last 30d --runs 20',
    'syncline report last --json',
  ],
  input: z.object({ what: z.string(), last: agoSchema.optional(), runs: wholeNumber(0, 500).optional(), out: z.string().optional() }),
  run: async (cli, { what, last, runs, out }) => {
    const { syncNames } = await cli.session.project();
    if (syncNames.includes(what))
      return writeTrendPage(cli, await cli.session.sync(what), { since: Date.now() - (last ?? MONTH_MS), withPages: runs ?? 0, out });
    if (last === undefined && runs === undefined) return writeRunPage(cli, await findRun(cli, what), out);
    // Whoever says --last means a sync: the sentence tells which there are.
    await cli.session.sync(what);
    throw new CliError({ exitCode: EXIT.usage, code: 'USAGE', message: '--last and --runs go with the name of a sync.' });
  },
});
