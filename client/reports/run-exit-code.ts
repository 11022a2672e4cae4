import { assertNever } from '../../engine/assert-never.ts';
import { rejectedPercent } from '../../engine/books.ts';
import type { Run } from '../../ledger/ledger.ts';
import { EXIT, type ExitCode, exitCodeOf } from '../exit-codes.ts';

/** What a finished run means for scripts. */
export function runExitCode(run: Pick<Run, 'state' | 'failure' | 'totals'>, maxRejectedPercent: number): ExitCode {
  switch (run.state) {
    case 'completed':
      return EXIT.done;
    case 'completed-with-rejections':
      return run.totals.held + run.totals.deletesHeld > 0 || rejectedPercent(run.totals) > maxRejectedPercent ? EXIT.rejections : EXIT.done;
    case 'failed':
      return run.failure === undefined ? EXIT.failed : exitCodeOf(run.failure.code);
    case 'cancelled':
    case 'abandoned':
    case 'books-open':
      return EXIT.failed;
    case 'requested':
    case 'running':
    case 'paused':
      return EXIT.done;
    default:
      return assertNever(run.state);
  }
}
