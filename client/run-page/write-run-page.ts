import type { Run } from '../../ledger/ledger.ts';
import type { Cli } from '../cli.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { isOpen } from '../following/run-snapshot.ts';
import { writePage } from '../page/write-page.ts';
import { readPage } from './read-page.ts';
import { renderPage } from './render-page.ts';

/** `report RUN`. With `--json` only where a file is named. */
export async function writeRunPage(cli: Cli, run: Run, out: string | undefined): Promise<ExitCode> {
  const page = await readPage(cli, run);
  cli.out.document({ ...page });
  if (cli.out.isJson && out === undefined) return EXIT.done;
  const file = cli.file(out ?? `${run.id}.html`);
  const { redact } = await cli.session.project();
  writePage(file, renderPage(page, redact));
  cli.out.print(`${cli.out.theme.good('✓')} ${file}`);
  cli.out.note(
    `\nOpen it in a browser: it holds no keys and no fields of records, and asks nobody for anything.${isOpen(run.state) ? ' The run goes on; it shows how far it was.' : ''}`,
  );
  cli.out.note(`In the terminal: ${cli.command(`show ${run.id}`)}`);
  return EXIT.done;
}
