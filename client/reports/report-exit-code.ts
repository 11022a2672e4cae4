import { EXIT, type ExitCode } from '../exit-codes.ts';
import { runExitCode } from './run-exit-code.ts';
import { type RunReport, unrepairedDrift } from './run-report.ts';
import { openDriftOf } from './shape-lines.ts';

/** What a finished run means for scripts, with what it found when it looked at source and target. */
export function reportExitCode({ run, maxRejectedPercent, drift, shape }: RunReport): ExitCode {
  const code = runExitCode(run, maxRejectedPercent);
  return code === EXIT.done && (openDriftOf(shape).length > 0 || unrepairedDrift(drift) > 0) ? EXIT.rejections : code;
}
