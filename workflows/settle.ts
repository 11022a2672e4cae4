import { allHandlersFinished, condition } from '@temporalio/workflow';
import type { SettleRunResult } from '../activities/activities.ts';
import type { Ending } from './ending.ts';
import type { LiveRun } from './live-run.ts';
import { startResults } from './results.ts';
import { bookkeeping, notify } from './steps.ts';

/** Closes the books of a run, however it ended. */
export async function settle(run: LiveRun, ending: Ending): Promise<SettleRunResult> {
  const { ref, runId, trigger, options } = run.input;
  run.enter('settling');
  const settled = await bookkeeping(ref, 'Close the books').settleRun({ ref, runId, trigger, ...(options === undefined ? {} : { options }), ...ending });
  if (settled.hasDrift === true) run.noteDrift();
  run.finish(settled.state, settled.totals);
  if (settled.hasResults === true) await startResults(ref, runId);
  if (settled.isToNotify === true) await notify(ref, runId);
  await condition(allHandlersFinished);
  return settled;
}
