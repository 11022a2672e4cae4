import type { Run } from '../../ledger/ledger.ts';
import type { GraphSync } from '../../workflows/contract.ts';
import { EXIT, type ExitCode, exitCodeOf } from '../exit-codes.ts';
import { runExitCode } from './run-exit-code.ts';

/** From the best to the worst: of several the worst counts. */
const ORDER: readonly ExitCode[] = [EXIT.done, EXIT.rejections, EXIT.waiting, EXIT.unreachable, EXIT.credentials, EXIT.definition, EXIT.failed];

export function worstOf(codes: readonly ExitCode[]): ExitCode {
  return ORDER[Math.max(0, ...codes.map((code) => ORDER.indexOf(code)))] ?? EXIT.failed;
}

export interface GraphSyncEnd {
  readonly sync: GraphSync;
  /** The run of all, then those that set references. */
  readonly runs: readonly Run[];
  /** Records of the sync that are held now. */
  readonly heldNow: number;
  readonly maxRejectedPercent: number;
}

/** What became of one sync of a graph, for scripts. One that was skipped counts as what it waited for does. */
export function graphSyncExitCode({ sync, runs, heldNow, maxRejectedPercent }: GraphSyncEnd): ExitCode {
  switch (sync.state) {
    case 'failed':
      return sync.code === undefined ? EXIT.failed : exitCodeOf(sync.code);
    case 'cancelled':
      return EXIT.failed;
    case 'skipped':
      return EXIT.done;
    default:
      // What a second pass has written is no longer held.
      return worstOf(
        runs.map((run) => {
          const held = Math.min(run.totals.held, heldNow);
          const state = run.state === 'completed-with-rejections' && held + run.totals.rejected + run.totals.deletesHeld === 0 ? 'completed' : run.state;
          return runExitCode({ ...run, state, totals: { ...run.totals, held } }, maxRejectedPercent);
        }),
      );
  }
}
