import { syncScope } from '../../engine/ids.ts';
import type { OpenWork } from '../../ledger/upkeep-store.ts';
import type { Cli } from '../cli.ts';
import { CliError } from '../cli-error.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { clean, plural } from '../output/text.ts';
import { noteWhatStays } from './compact-ledger.ts';

/** `ledger forget`: asks first, and says what is open. */
export async function forgetRecord(cli: Cli, sync: string, key: string): Promise<ExitCode> {
  const scope = syncScope(await cli.session.sync(sync));
  const ledger = await cli.session.ledger();
  const open = await ledger.readOpenWork(scope, key);
  if (!open.isKnown)
    throw new CliError({ exitCode: EXIT.usage, code: 'UNKNOWN_RECORD', message: `${sync} has no record with key ${clean(key)}: nothing was changed.` });
  const words = wordsOf(open);
  for (const line of words) cli.out.note(`${cli.out.noteTheme.warning('!')} ${line}`);
  const what = `Erase record ${clean(key)} of ${sync}, with its story${words.length === 0 ? '' : ', although that is open'}?`;
  if (!(await cli.allowChange(what))) return EXIT.done;
  await ledger.forgetRecord(scope, key);
  await cli.audit.record('ledger.forgotten', { sync, details: { records: 1 } });
  cli.out.document({ sync, key, forgotten: true, open: words });
  cli.out.print(`${cli.out.theme.good('✓')} ${sync} knows nothing of record ${clean(key)} any more.`);
  await noteWhatStays(cli, 'Its bytes stay in the file of the ledger');
  cli.out.note('While the source has it, the next run reads it as a new one: erase it there and in the target as well.');
  return EXIT.done;
}

/** What would be lost with it. */
function wordsOf({ isRunAlive, changes, isUnknown, isHeld }: OpenWork): readonly string[] {
  return [
    ...(isRunAlive ? ['A run of the sync is alive, and may write it down again: wait for its end.'] : []),
    ...(changes > 0
      ? [`${plural(changes, 'change')} of it ${changes === 1 ? 'is' : 'are'} not settled: what is being sent may arrive, and nobody would know.`]
      : []),
    ...(isUnknown ? ['The answer to a write of it was lost: whether the target has it is not known, and would not be looked into.'] : []),
    ...(isHeld ? ['It is held, and waits for a decision or for another record.'] : []),
  ];
}
