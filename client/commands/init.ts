import { relative, resolve } from 'node:path';
import { z } from 'zod';
import { defineCommand } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { renderFields } from '../output/table.ts';

export const initCommand = defineCommand({
  name: 'init',
  group: 'Define',
  summary: 'Write a commented starter project',
  arguments: [['<name>', 'the folder to make, and the name of the project in it']],
  examples: ['syncline init crm && cd crm && syncline dev --sandbox'],
  input: z.object({ name: z.string().min(1) }),
  run: async (cli, { name }) => {
    const { writeStarter } = await import('../../definition/starter.ts');
    const directory = resolve(name);
    const files = await writeStarter(directory);
    const { theme } = cli.out;
    cli.out.document({ directory, files });
    const folder = relative(process.cwd(), directory) || '.';
    cli.out.print(`${theme.good('✓')} ${theme.strong(folder)} is a Syncline project now\n`);
    for (const file of files) cli.out.print(`  ${file}`);
    cli.out.note(
      `\n${renderFields(
        [
          ['Go there', `cd ${folder}`],
          ['Check it', 'syncline check'],
          ['Bring it up', 'syncline dev'],
        ],
        cli.out.noteTheme,
      )}`,
    );
    return EXIT.done;
  },
});
