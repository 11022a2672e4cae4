import { z } from 'zod';
import { type SyncRef, syncScope } from '../../engine/ids.ts';
import type { Cli } from '../cli.ts';
import { CliError } from '../cli-error.ts';
import { defineCommand } from '../command.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { quotedList } from '../list-argument.ts';
import { renderTable } from '../output/table.ts';
import { clean, plural } from '../output/text.ts';
import { hideMatch } from '../reports/hide-sensitive.ts';
import { readStory, storyDocument } from '../reports/read-story.ts';
import { renderStory } from '../reports/record-story.ts';

const SHOWN = 20;
const KEYS_SHOWN = 5;
const ALL = 1_000_000;

export const recordsCommand = defineCommand({
  name: 'records',
  group: 'Look',
  summary: 'The whole story of one record',
  arguments: [['<sync>', 'name of the sync']],
  options: [
    ['--key <key>', 'the record by its primary key in the source'],
    ['--match <value>', 'the record by its match key in the target'],
    ['--shared', 'target records that several records of the source are written to, so that each writes over the others'],
  ],
  examples: [
    'syncline records contacts-to-hubspot --key 4711',
    'syncline records contacts-to-hubspot --match ada@example.com',
    'syncline records contacts-to-hubspot --shared',
  ],
  input: z
    .object({ sync: z.string(), key: z.string().optional(), match: z.string().optional(), shared: z.boolean().default(false) })
    .refine(
      ({ key, match, shared }) => [key !== undefined, match !== undefined, shared].filter(Boolean).length === 1,
      'Name the record with --key or with --match, or ask for --shared',
    ),
  run: async (cli, { sync, key, match, shared }) => {
    const ref = await cli.session.sync(sync);
    if (shared) return printShared(cli, ref);
    const story = await readStory(cli, ref, key === undefined ? { match: match ?? '' } : { key });
    if (story === undefined) {
      const named = key === undefined ? `match key "${match ?? ''}"` : `key "${key}"`;
      throw new CliError({
        exitCode: EXIT.failed,
        code: 'UNKNOWN_RECORD',
        message: `${sync} has never met a record with ${named}. Keys are those of the source; match keys those of the target.`,
      });
    }
    const { state } = story.history;
    cli.out.document({ sync, record: storyDocument(story) });
    cli.out.print(`${cli.out.theme.strong(sync)}  key ${clean(state.key)}\n`);
    cli.out.print(renderStory(story, cli.out));
    if (state.lastOutcome === 'rejected') cli.out.note(`\nSend it again: ${cli.command(`retry ${sync} --key ${quotedList([state.key])}`)}`);
    return EXIT.done;
  },
});

async function printShared(cli: Cli, ref: SyncRef): Promise<ExitCode> {
  const { out } = cli;
  const listed = await (await cli.session.ledger()).listShared(syncScope(ref), { limit: out.isJson ? ALL : SHOWN + 1 });
  const rules = (await cli.session.project()).find(ref.sync)?.sync;
  const shared = listed.map(({ targetId, match, keys }) => ({
    targetId,
    match: rules === undefined || match === undefined ? match : hideMatch(rules, match),
    keys,
  }));
  out.document({ sync: ref.sync, shared });
  if (shared.length === 0) {
    out.print(`${out.theme.good('✓')} Each record of ${ref.sync} has a record of its own in the target.`);
    return EXIT.done;
  }
  const rows = shared
    .slice(0, SHOWN)
    .map(({ targetId = '', match = '', keys: [last = '', ...others] }) => [
      clean(targetId),
      clean(match),
      clean(last),
      others.slice(0, KEYS_SHOWN).map(clean).join(', ') + (others.length > KEYS_SHOWN ? ` and ${plural(others.length - KEYS_SHOWN, 'other')}` : ''),
    ]);
  const columns = [{ title: 'target id' }, { title: 'match' }, { title: 'told last' }, { title: 'also written to it' }];
  out.print(renderTable(columns, rows, out.theme));
  const more = shared.length > SHOWN ? `The first ${SHOWN}; all of them with --json. ` : '';
  out.note(`\n${more}Each of them writes over the others: merge them in the source, or leave all but one out with a filter.`);
  return EXIT.done;
}
