import { isPostgres } from '../../ledger/open-ledger.ts';
import type { Cli } from '../cli.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { formatBytes } from '../output/numbers.ts';
import { clean } from '../output/text.ts';
import { refuseWhileAlive } from './alive-runs.ts';

/** `ledger compact`. */
export async function compactLedger(cli: Cli): Promise<ExitCode> {
  const ledger = await cli.session.ledger();
  await refuseWhileAlive(ledger, 'compact');
  const before = await ledger.describeLedger();
  if (before.kind === 'postgres') {
    cli.out.document({ compacted: false, bytes: before.bytes });
    cli.out.print('Nothing to do: PostgreSQL clears what was deleted by itself (autovacuum).');
    return EXIT.done;
  }
  const question = `Write ${clean(before.place)} anew (${formatBytes(before.bytes)})? Who wants to write to it waits meanwhile; the disk needs room for it twice more.`;
  if (!(await cli.allowChange(question))) return EXIT.done;
  await ledger.compactLedger();
  const { bytes } = await ledger.describeLedger();
  await cli.audit.record('ledger.compacted', { details: { bytesBefore: before.bytes, bytes } });
  cli.out.document({ compacted: true, bytesBefore: before.bytes, bytes });
  cli.out.print(`${cli.out.theme.good('✓')} ${formatBytes(bytes)}, ${formatBytes(before.bytes)} before. Nothing is left of what was forgotten.`);
  return EXIT.done;
}

/** After something was deleted, where the store does not clear up by itself: the next step. @param what stays */
export async function noteWhatStays(cli: Cli, what: string): Promise<void> {
  const { url } = (await cli.session.project()).ledger;
  if (!isPostgres(url)) cli.out.note(`${what} until "${cli.command('ledger compact')}" writes that anew.`);
}
