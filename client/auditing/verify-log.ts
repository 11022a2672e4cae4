import { type AuditBreak, type AuditVerdict, verifyAudit } from '../../ledger/audit/verify-audit.ts';
import type { Cli } from '../cli.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { formatCount } from '../output/numbers.ts';
import { plural } from '../output/text.ts';
import { formatTime } from '../output/times.ts';

/** `syncline audit verify`: exit code 1 where the log is not as it was written. */
export async function verifyLog(cli: Cli, noted: string | undefined): Promise<ExitCode> {
  const verdict = await verifyAudit(await cli.session.ledger(), noted);
  const { whole, head, broken } = verdict;
  cli.out.document({
    isWhole: broken === undefined,
    entries: whole,
    ...(verdict.firstAt === undefined ? {} : { since: new Date(verdict.firstAt).toISOString() }),
    ...(head === undefined ? {} : { head: { n: head.n, hash: head.hash, at: new Date(head.at).toISOString() } }),
    ...(broken === undefined ? {} : { broken }),
  });
  const { theme } = cli.out;
  if (broken !== undefined) {
    cli.out.print(`${theme.bad('✗')} ${wordsOfBreak(broken, verdict)}`);
    cli.out.note(`\nCompare with a backup of the ledger, and find out who may write to it.`);
    return EXIT.failed;
  }
  if (head === undefined) {
    cli.out.print('The audit log is empty.');
    return EXIT.done;
  }
  cli.out.print(`${theme.good('✓')} ${plural(whole, 'entry is', 'entries are')} whole, since ${formatTime(verdict.firstAt ?? head.at)}.`);
  cli.out.print(`\n  head  ${head.hash}  (entry ${formatCount(head.n)}, ${formatTime(head.at)})`);
  if (noted === undefined)
    cli.out.note(
      `\nNote the head elsewhere: what is cut off at the end, or a log written anew, shows only beside it.\nCompare later: ${cli.command('audit verify --head HASH')}`,
    );
  else cli.out.print('  The entry that was noted is in its place.');
  return EXIT.done;
}

function wordsOfBreak({ what, n }: AuditBreak, { whole, head }: AuditVerdict): string {
  const entry = `Entry ${formatCount(n)}`;
  const before = whole === 0 ? 'Nothing before it is whole.' : `The ${plural(whole, 'entry', 'entries')} before it ${whole === 1 ? 'is' : 'are'} whole.`;
  switch (what) {
    case 'altered':
      return `${entry} was altered: it is not what its hash was made of. ${before}`;
    case 'removed':
      return `${entry} was removed. ${before}`;
    case 'inserted':
      return `${entry} was inserted: it has no place in the log. ${before}`;
    case 'replaced':
      return `${entry} was replaced: the one after it was written after another. What comes before entry ${formatCount(n)} is whole.`;
    case 'unknown-head':
      return `The entry that was noted is not there: the log was cut off at its end, or written anew. It now ends with ${head === undefined ? 'nothing' : `entry ${formatCount(n)}, ${head.hash}`}.`;
  }
}
