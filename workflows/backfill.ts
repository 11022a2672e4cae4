import { CancellationScope, condition, continueAsNew, isCancellation, workflowInfo } from '@temporalio/workflow';
import { countWindows, windowAt } from '../engine/backfill-range.ts';
import { isCancelledBeforeContinuing } from './before-continuing.ts';
import type { BackfillInput, BackfillProgress } from './contract.ts';
import { LiveBackfill } from './live-backfill.ts';

const WINDOWS_PER_EXECUTION = 500;

/** Reads a range of the past again, window after window, some at once, each as a run beside the sync's live one. A window that fails leaves the others alone, unless it looks as if all would. */
export async function backfillWorkflow(input: BackfillInput): Promise<BackfillProgress> {
  const backfill = new LiveBackfill(input);
  const underWay = new Set<Promise<void>>();
  const windows = countWindows(input.range);
  const first = backfill.next;
  let isOver = false;
  try {
    while (!isOver && backfill.next < windows && !CancellationScope.current().consideredCancelled) {
      await condition(() => !backfill.paused || backfill.isStopped);
      isOver = backfill.isStopped || shouldContinueAsNew(input, backfill.next - first);
      if (isOver) break;
      const running = backfill.run(windowAt(input.range, backfill.takeNext())).finally(() => underWay.delete(running));
      underWay.add(running);
      if (underWay.size >= input.parallel) await Promise.race(underWay);
    }
  } catch (error) {
    if (!isCancellation(error)) throw error;
  }
  await Promise.all(underWay);
  const isCancelled = await isCancelledBeforeContinuing();
  if (isCancelled || backfill.isStopped || backfill.next >= windows) return CancellationScope.nonCancellable(() => backfill.finish(isCancelled));
  return continueAsNew<typeof backfillWorkflow>({ ...input, continued: backfill.state });
}

function shouldContinueAsNew({ windowsPerExecution = WINDOWS_PER_EXECUTION }: BackfillInput, begun: number): boolean {
  return begun >= windowsPerExecution || workflowInfo().continueAsNewSuggested;
}
