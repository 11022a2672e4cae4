import { createReadStream, createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { exportLines, importLines } from '../../ledger/upkeep/ndjson.ts';
import type { Cli } from '../cli.ts';
import { CliError } from '../cli-error.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { formatCount } from '../output/numbers.ts';
import { clean } from '../output/text.ts';
import { refuseWhileAlive } from './alive-runs.ts';

const STANDARD = '-';

/** `ledger export`: as it is, encrypted values with it. */
export async function exportLedger(cli: Cli, file: string): Promise<ExitCode> {
  const ledger = await cli.session.ledger();
  await refuseWhileAlive(ledger, 'export');
  let rows = -2; // a header and an end
  async function* lines() {
    for await (const line of exportLines(ledger)) {
      rows += 1;
      yield `${line}\n`;
    }
  }
  const target = file === STANDARD ? cli.shell.stdout : createWriteStream(cli.file(file), { mode: 0o600, flags: 'wx' });
  await pipeline(Readable.from(lines()), target, { end: file !== STANDARD }).catch((cause: unknown) => Promise.reject(unusable(file, cause)));
  await cli.audit.record('ledger.exported', { details: { rows } });
  if (file !== STANDARD) cli.out.document({ file, rows });
  cli.out.note(`${cli.out.noteTheme.good('✓')} ${formatCount(rows)} rows written. Whoever has the encryption key can read what is in them.`);
  return EXIT.done;
}

/** `ledger import`: into an empty ledger, of either kind. */
export async function importLedger(cli: Cli, file: string): Promise<ExitCode> {
  const ledger = await cli.session.ledger();
  const { kind, place } = await ledger.describeLedger();
  if (!(await cli.allowChange(`Fill the ${kind === 'sqlite' ? 'SQLite' : 'PostgreSQL'} ledger ${clean(place)} from ${clean(file)}?`))) return EXIT.done;
  const input = file === STANDARD ? cli.shell.stdin : createReadStream(cli.file(file));
  const rows = await importLines(ledger, linesOf(input)).catch((cause: unknown) => Promise.reject(unusable(file, cause)));
  await cli.audit.record('ledger.imported', { details: { rows } });
  cli.out.document({ file, rows });
  cli.out.print(`${cli.out.theme.good('✓')} ${formatCount(rows)} rows are in ${clean(place)}.`);
  return EXIT.done;
}

/** Not by `node:readline`: for that a line ends at U+2028 and U+2029 as well, which stand in JSON as they are. */
async function* linesOf(input: Readable): AsyncGenerator<string> {
  let rest = '';
  for await (const chunk of input.setEncoding('utf8')) {
    const lines = `${rest}${chunk}`.split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
  yield rest;
}

function unusable(file: string, cause: unknown): unknown {
  if (!(cause instanceof Error) || !('syscall' in cause)) return cause;
  const why = 'code' in cause && cause.code === 'EEXIST' ? 'it is there already: name another one, or remove it' : cause.message;
  return new CliError({ exitCode: EXIT.usage, code: 'USAGE', message: `${clean(file)} cannot be used: ${why}.` });
}
