import { z } from 'zod';
import { CliError } from '../cli-error.ts';
import { defineCommand } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { clean } from '../output/text.ts';
import { readStory, storyDocument } from '../reports/read-story.ts';
import { renderStory } from '../reports/record-story.ts';

export const recordsCommand = defineCommand({
  name: 'records',
  group: 'Look',
  summary: 'The whole story of one record',
  arguments: [['<sync>', 'name of the sync']],
  options: [
    ['--key <key>', 'the record by its primary key in the source'],
    ['--match <value>', 'the record by its match key in the target'],
  ],
  examples: ['syncline records contacts-to-hubspot --key 4711', 'syncline records contacts-to-hubspot --match ada@example.com'],
  input: z
    .object({ sync: z.string(), key: z.string().optional(), match: z.string().optional() })
    .refine((input) => (input.key === undefined) !== (input.match === undefined), 'Name the record with --key or with --match'),
  run: async (cli, { sync, key, match }) => {
    const ref = await cli.session.sync(sync);
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
    if (state.lastOutcome === 'rejected') cli.out.note(`\nSend it again: ${cli.command(`retry ${sync} --key ${clean(state.key)}`)}`);
    return EXIT.done;
  },
});
