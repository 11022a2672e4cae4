import { z } from 'zod';
import { parseSyncScope, type SyncRef } from '../../engine/ids.ts';
import type { Run } from '../../ledger/ledger.ts';
import type { Cli } from '../cli.ts';
import { CliError } from '../cli-error.ts';
import { agoSchema, defineCommand, wholeNumber } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { followLog } from '../logs/follow-log.ts';
import { LogPrinter } from '../logs/print-log.ts';
import { type LogQuery, readLog } from '../logs/read-log.ts';
import { readRecordLog } from '../logs/record-log.ts';
import { formatCount } from '../output/numbers.ts';
import { findRun } from '../reports/find-run.ts';

const DAY_MS = 86_400_000;

export const logsCommand = defineCommand({
  name: 'logs',
  group: 'Look',
  summary: 'What happened to a sync, line by line in order of time',
  arguments: [['<sync>', 'name of the sync']],
  options: [
    ['--key <key>', 'the whole story of one record, by its primary key in the source'],
    ['--run <run>', 'only of this run: its id, a unique beginning of it, or "last"'],
    ['--since <time>', 'the last 1h, 7d, … (default 1d; with --run or --key all of it)'],
    ['--samples', 'also the requests and answers that were kept, with what was sent and received'],
    ['--limit <n>', 'the newest so many lines (default 1000)'],
    ['--follow', 'go on with what comes, until Ctrl-C'],
  ],
  examples: [
    'syncline logs contacts-to-hubspot --since 1h',
    'syncline logs contacts-to-hubspot --follow',
    'syncline logs contacts-to-hubspot --run last --json | jq .event',
  ],
  input: z
    .object({
      sync: z.string(),
      key: z.string().optional(),
      run: z.string().optional(),
      since: agoSchema.optional(),
      limit: wholeNumber(1, 100_000).default(1_000),
      samples: z.boolean().default(false),
      follow: z.boolean().default(false),
    })
    .refine(({ key, follow }) => key === undefined || !follow, '--follow does not go with --key'),
  run: async (cli, { sync, key, run: words, since, limit, samples: hasSamples, follow }) => {
    const ref = await cli.session.sync(sync);
    const run = words === undefined ? undefined : await findRunOf(cli, ref, words);
    const query: LogQuery = { since: sinceOf(since, run !== undefined || key !== undefined), run, limit, hasSamples };
    const events = key === undefined ? await readLog(cli, ref, query) : await readRecordLog(cli, ref, key, query);
    const printer = new LogPrinter(cli.out);
    printer.print(events);
    if (follow) {
      await followLog(cli, ref, query, events, printer);
      return EXIT.done;
    }
    if (events.length === 0) cli.out.note(`Nothing happened to ${sync} in that time. Look further back: ${cli.command(`logs ${sync} --since 30d`)}`);
    if (events.length === limit) cli.out.note(`\nThe newest ${formatCount(limit)}; more with --limit`);
    return EXIT.done;
  },
});

function sinceOf(ago: number | undefined, isOfOne: boolean): number {
  if (ago !== undefined) return Date.now() - ago;
  return isOfOne ? 0 : Date.now() - DAY_MS;
}

async function findRunOf(cli: Cli, { sync }: SyncRef, words: string): Promise<Run> {
  const ledger = await cli.session.ledger();
  const { name, profile } = await cli.session.project();
  const [last] = words === 'last' ? await ledger.listRuns(`${name}/${profile}/${sync}`, 1) : [];
  const run = last ?? (await findRun(cli, words));
  if (parseSyncScope(run.scope).sync === sync) return run;
  throw new CliError({ exitCode: EXIT.usage, code: 'UNKNOWN_RUN', message: `${run.id} is a run of ${parseSyncScope(run.scope).sync}, not of ${sync}.` });
}
