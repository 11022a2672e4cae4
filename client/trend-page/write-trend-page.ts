import { basename, dirname, join } from 'node:path';
import type { SyncRef } from '../../engine/ids.ts';
import type { Cli } from '../cli.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { plural } from '../output/text.ts';
import { writePage } from '../page/write-page.ts';
import { readPage } from '../run-page/read-page.ts';
import { renderPage } from '../run-page/render-page.ts';
import { readTrend, trendAsJson } from './read-trend.ts';
import { renderTrend } from './render-trend.ts';

export interface TrendOptions {
  readonly since: number;
  /** The newest so many runs get a page of their own, in a folder beside the file. */
  readonly withPages: number;
  readonly out: string | undefined;
}

/** `report SYNC`. With `--json` only where a file is named. */
export async function writeTrendPage(cli: Cli, ref: SyncRef, { since, withPages, out }: TrendOptions): Promise<ExitCode> {
  const trend = await readTrend(cli, ref, since);
  cli.out.document(trendAsJson(trend));
  if (cli.out.isJson && out === undefined) return EXIT.done;
  const file = cli.file(out ?? `${ref.sync}.html`);
  const folder = `${basename(file).replace(/\.html?$/, '')}-runs`;
  const linked = trend.runs.slice(Math.max(0, trend.runs.length - withPages)).map(({ id }) => id);
  const { redact } = await cli.session.project();
  for (const id of linked) await writeRun(cli, id, join(dirname(file), folder));
  const links = new Set(linked);
  writePage(file, renderTrend(trend, { redact, linkTo: (id) => (links.has(id) ? `${encodeURIComponent(folder)}/${id}.html` : undefined) }));
  cli.out.print(`${cli.out.theme.good('✓')} ${file}${linked.length === 0 ? '' : ` and ${plural(linked.length, 'page')} of runs in ${folder}`}`);
  cli.out.note('\nOpen it in a browser: it holds no keys and no fields of records, and asks nobody for anything.');
  if (linked.length === 0 && trend.runs.length > 0) cli.out.note(`With the pages of its runs, linked: ${cli.command(`report ${ref.sync} --runs 20`)}`);
  return EXIT.done;
}

async function writeRun(cli: Cli, id: string, folder: string): Promise<void> {
  const run = await (await cli.session.ledger()).readRun(id);
  if (run === undefined) return;
  const { redact } = await cli.session.project();
  writePage(join(folder, `${id}.html`), renderPage(await readPage(cli, run), redact), folder);
}
