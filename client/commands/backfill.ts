import { z } from 'zod';
import { parseDuration } from '../../engine/duration.ts';
import { chooseRange } from '../backfilling/choose-range.ts';
import { followBackfillToEnd } from '../backfilling/conclude-backfill.ts';
import { isBackfillRunning } from '../backfilling/find-backfill.ts';
import { startBackfill } from '../backfilling/start-backfill.ts';
import { CliError } from '../cli-error.ts';
import { defineCommand } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { formatCount } from '../output/numbers.ts';
import { plural } from '../output/text.ts';
import { requireWorker } from '../temporal/live-run.ts';

const MOST_PARALLEL = 50;

export const backfillCommand = defineCommand({
  name: 'backfill',
  group: 'Run',
  summary: 'Read a range of the past again, window by window, beside the live run',
  arguments: [['<sync>', 'name of the sync; without --from, the backfill of it that is running is followed']],
  options: [
    ['--from <time>', 'records changed at that time or later: 2026-01-31, or 2026-01-31T12:00:00Z'],
    ['--to <time>', 'and before that one (default: now)'],
    ['--partition <duration>', 'how long a window is (default: 1d)'],
    ['--parallel <n>', 'windows read at once (default: 4)'],
    ['--detach', 'start it and return at once'],
  ],
  examples: [
    'syncline backfill contacts-to-hubspot --from 2026-01-01 --to 2026-07-01',
    'syncline backfill contacts-to-hubspot --from 2026-06-01 --partition 6h --parallel 8',
  ],
  input: z.object({
    sync: z.string(),
    from: z.string().optional(),
    to: z.string().optional(),
    partition: z
      .string()
      .default('1d')
      .transform((text, context) => parseDuration(text) ?? context.addIssue({ code: 'custom', message: 'expected a duration: 6h, 1d, 7d' }) ?? z.NEVER),
    parallel: z.coerce.number().int().min(1).max(MOST_PARALLEL).default(4),
    detach: z.boolean().default(false),
  }),
  run: async (cli, { sync, from, to, partition, parallel, detach }) => {
    const ref = await cli.session.sync(sync);
    const isRunning = await isBackfillRunning(cli, ref);
    if (from === undefined) {
      if (to !== undefined || !isRunning)
        throw new CliError({ exitCode: EXIT.usage, code: 'USAGE', message: noRange(sync, isRunning, cli.command(`backfill ${sync} --from 2026-01-01`)) });
      return followBackfillToEnd(cli, ref);
    }
    if (isRunning) throw alreadyRunning(sync, cli.command(`backfill ${sync}`), cli.command(`cancel ${sync} --backfill`));
    const resolved = (await cli.session.project()).resolve(sync);
    const { range, windows, isOpen } = await chooseRange(cli, resolved, { from, to, partitionMs: partition });
    await requireWorker(cli, ref, [sync]);
    if (isOpen) cli.out.note(`The source of ${sync} takes no {window.to}: all is read as one window, and what is newer than it is left out.`);
    if (!(await cli.allowChange(`Read ${plural(windows, 'window')} of ${sync} again on ${ref.profile}, from ${range.from} to ${range.to}?`))) return EXIT.done;
    if (!(await startBackfill(cli, { ref, range, parallel, definitionHash: resolved.hash })))
      throw alreadyRunning(sync, cli.command(`backfill ${sync}`), cli.command(`cancel ${sync} --backfill`));
    if (!detach) cli.out.event({ event: 'started', ...ref, range, windows, parallel });
    if (!cli.out.isLive)
      cli.out.note(`${plural(windows, 'window')} of ${sync}, from ${range.from} to ${range.to}, ${formatCount(Math.min(parallel, windows))} at once`);
    if (!detach) return followBackfillToEnd(cli, ref);
    cli.out.document({ backfill: { ...ref, range, windows, parallel } });
    cli.out.note(`Follow it: ${cli.command(`backfill ${sync}`)}`);
    return EXIT.done;
  },
});

function noRange(sync: string, isRunning: boolean, example: string): string {
  return isRunning
    ? `A backfill of ${sync} is running: to follow it, pass neither --from nor --to.`
    : `No backfill of ${sync} is running. Say what to read: ${example}`;
}

function alreadyRunning(sync: string, follow: string, cancel: string): CliError {
  const message = `A backfill of ${sync} is running. Follow it with "${follow}", or stop it with "${cancel}" first.`;
  return new CliError({ exitCode: EXIT.failed, code: 'RUN_CONFLICT', message });
}
