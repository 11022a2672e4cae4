import type { LedgerDescription } from '../../ledger/upkeep-store.ts';
import type { Cli } from '../cli.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { formatBytes, formatCount } from '../output/numbers.ts';
import { clean, pad } from '../output/text.ts';
import { formatDay } from '../output/times.ts';

const WIDTH = 16;

/** `ledger status`. */
export async function showLedger(cli: Cli): Promise<ExitCode> {
  const found = await (await cli.session.ledger()).describeLedger();
  tell(cli, found);
  cli.out.print(`${found.kind === 'sqlite' ? 'SQLite' : 'PostgreSQL'}  ${cli.out.theme.strong(clean(found.place))}\n`);
  const { runs, records, changes, batches, verdicts } = found.rows;
  const lines: readonly (readonly [string, string])[] = [
    ['records', formatCount(records)],
    ['runs', formatCount(runs)],
    ['audit trail', `${formatCount(changes)} changes, ${formatCount(verdicts)} verdicts, ${formatCount(batches)} batches`],
    ['since', found.oldestAt === undefined ? '–' : formatDay(found.oldestAt)],
    ['on the disk', formatBytes(found.bytes)],
    ['tables', `version ${found.version}`],
  ];
  for (const [name, value] of lines) cli.out.print(`  ${pad(name, WIDTH)}${value}`);
  return EXIT.done;
}

/** `ledger migrate`: whoever opens a ledger brings its tables up to date; this does nothing else. */
export async function migrateLedger(cli: Cli): Promise<ExitCode> {
  const found = await (await cli.session.ledger()).describeLedger();
  tell(cli, found);
  cli.out.print(`${cli.out.theme.good('✓')} The tables of ${clean(found.place)} are up to date (version ${found.version}).`);
  return EXIT.done;
}

function tell(cli: Cli, { oldestAt, ...found }: LedgerDescription): void {
  cli.out.document({ ...found, ...(oldestAt === undefined ? {} : { oldestAt: new Date(oldestAt).toISOString() }) });
}
