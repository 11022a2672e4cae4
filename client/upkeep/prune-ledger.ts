import type { Cli } from '../cli.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { plural } from '../output/text.ts';
import { formatDay } from '../output/times.ts';
import { noteWhatStays } from './compact-ledger.ts';

/** `ledger prune`. */
export async function pruneLedger(cli: Cli, olderThanMs: number): Promise<ExitCode> {
  const before = Date.now() - olderThanMs;
  const ledger = await cli.session.ledger();
  const question = `Forget the audit trail of before ${formatDay(before)}? What the target was told stays, and what is unsettled, unknown or held keeps its story.`;
  if (!(await cli.allowChange(question))) return EXIT.done;
  const pruned = await ledger.pruneAudit(before);
  await cli.audit.record('ledger.pruned', { details: { before: formatDay(before), ...pruned } });
  cli.out.document({ before: new Date(before).toISOString(), ...pruned });
  const { changes, verdicts, batches } = pruned;
  cli.out.print(`${cli.out.theme.good('✓')} Forgotten: ${plural(changes, 'change')}, ${plural(verdicts, 'verdict')}, ${plural(batches, 'batch', 'batches')}.`);
  await noteWhatStays(cli, 'The file of the ledger keeps its size');
  return EXIT.done;
}
