import { relative } from 'node:path';
import { z } from 'zod';
import { writeStarter } from '../../definition/starter.ts';
import { SyncError } from '../../engine/errors.ts';
import { CliError } from '../cli-error.ts';
import { defineCommand } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { renderFields } from '../output/table.ts';
import { quoted } from '../output/text.ts';

export const initCommand = defineCommand({
  name: 'init',
  group: 'Define',
  summary: 'Write a commented starter project',
  arguments: [['<name>', 'the folder to make, and the name of the project in it']],
  examples: ['syncline init crm && cd crm && syncline dev --sandbox'],
  input: z.object({ name: z.string().min(1) }),
  run: async (cli, { name }) => {
    const directory = cli.file(name);
    const files = await write(directory);
    const { theme } = cli.out;
    cli.out.document({ directory, files });
    const folder = relative(cli.shell.directory, directory) || '.';
    cli.out.print(`${theme.good('✓')} ${folder === '.' ? 'This folder' : theme.strong(folder)} is a Syncline project now\n`);
    for (const file of files) cli.out.print(`  ${file}`);
    cli.out.note(
      `\n${renderFields(
        [
          ...(folder === '.' ? [] : [['Go there', `cd ${quoted(folder)}`] as const]),
          ['Check it', cli.command('check')],
          ['Bring it up', cli.command('dev --sandbox')],
        ],
        cli.out.noteTheme,
      )}`,
    );
    return EXIT.done;
  },
});

/** A folder that cannot be used is a mistake in the command, not in a definition. */
async function write(directory: string): Promise<readonly string[]> {
  try {
    return await writeStarter(directory);
  } catch (cause) {
    if (!(cause instanceof SyncError)) throw cause;
    throw new CliError({ exitCode: EXIT.usage, code: 'USAGE', message: cause.message, cause });
  }
}
