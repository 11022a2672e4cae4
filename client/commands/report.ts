import { writeFileSync } from 'node:fs';
import { z } from 'zod';
import { CliError } from '../cli-error.ts';
import { defineCommand } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { isOpen } from '../following/run-snapshot.ts';
import { findRun } from '../reports/find-run.ts';
import { readPage } from '../run-page/read-page.ts';
import { renderPage } from '../run-page/render-page.ts';

export const reportCommand = defineCommand({
  name: 'report',
  group: 'Look',
  summary: 'One run as a page of charts in one HTML file, to look at or to hand on',
  arguments: [['<run>', 'id of the run, a unique beginning of it, or "last"']],
  options: [['--out <file>', 'where to write it (default <run>.html in this folder)']],
  examples: ['syncline report last', 'syncline report r_01k2m --out monday.html', 'syncline report last --json'],
  input: z.object({ run: z.string(), out: z.string().optional() }),
  run: async (cli, input) => {
    const run = await findRun(cli, input.run);
    const page = await readPage(cli, run);
    cli.out.document({ ...page });
    if (cli.out.isJson && input.out === undefined) return EXIT.done;
    const file = cli.file(input.out ?? `${run.id}.html`);
    const { redact } = await cli.session.project();
    write(file, renderPage(page, redact));
    cli.out.print(`${cli.out.theme.good('✓')} ${file}`);
    cli.out.note(
      `\nOpen it in a browser: it holds no keys and no fields of records, and asks nobody for anything.${isOpen(run.state) ? ' The run goes on; it shows how far it was.' : ''}`,
    );
    cli.out.note(`In the terminal: ${cli.command(`show ${run.id}`)}`);
    return EXIT.done;
  },
});

function write(file: string, text: string): void {
  try {
    writeFileSync(file, text);
  } catch (cause) {
    const why = cause instanceof Error && 'code' in cause ? ` (${String(cause.code)})` : '';
    throw new CliError({ exitCode: EXIT.usage, code: 'USAGE', message: `${file} cannot be written${why}. Name another place with --out.`, cause });
  }
}
