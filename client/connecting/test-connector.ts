import type { KitRow } from '../../connectors/kit/kit-row.ts';
import { runKit } from '../../connectors/kit/run-kit.ts';
import { printMistake } from '../../definition/mistake.ts';
import type { Cli } from '../cli.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { plural } from '../output/text.ts';
import { findConnector } from './find-connector.ts';
import { renderKit } from './render-kit.ts';

/** Where a database for the kit is named: its URL holds a password, so it is no argument. */
const KIT_DATABASE = 'SYNCLINE_KIT_POSTGRES';

/** Runs the connector kit over one connector. Red rows end with exit code 1; rows that could not be tried do not. */
export async function testConnector(cli: Cli, name: string): Promise<ExitCode> {
  const { connector, mistakes } = findConnector(cli, name);
  const rows = await runKit(name, connector, { mistakes: mistakes.map(printMistake), database: cli.env[KIT_DATABASE] });
  const counts = countsOf(rows);
  cli.out.document({ connector: name, ...counts, rows });
  cli.out.print(renderKit(rows, cli.out.theme, cli.out.width));
  cli.out.print(`\n${summary(cli, name, counts)}`);
  return counts.failed === 0 ? EXIT.done : EXIT.failed;
}

interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly open: number;
}

function countsOf(rows: readonly KitRow[]): Counts {
  const count = (verdict: KitRow['verdict']) => rows.filter((row) => row.verdict === verdict).length;
  return { passed: count('passed'), failed: count('failed'), open: count('open') };
}

function summary({ out: { theme } }: Cli, name: string, { passed, failed, open }: Counts): string {
  const mark = failed === 0 ? theme.good('✓') : theme.bad('✗');
  const red = failed === 0 ? '' : `, ${failed} failed`;
  return `${mark} ${name}: ${plural(passed, 'row')} passed${red}${open === 0 ? '' : `, ${open} open`}`;
}
