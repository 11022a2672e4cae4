import { CancellationScope, workflowInfo } from '@temporalio/workflow';
import type { PageSourceResult, RunPlan } from '../activities/activities.ts';
import type { LiveRun } from './live-run.ts';
import type { Steps } from './steps.ts';

/**
 * Reads and writes segment after segment. A segment's writer starts with its reader and follows it through the ledger; the next reader starts when this one is done,
 * at most one segment ahead of the writer. Neither is left running: a writer's final failure cancels the reader, a reader's lets the writer drain.
 * @returns the segment to continue as new with; undefined when the source is read and all is written
 * @throws the first final failure
 */
export async function copySegments(run: LiveRun, steps: Steps, plan: RunPlan): Promise<number | undefined> {
  const failures: unknown[] = [];
  const first = run.segment;
  let reader = new CancellationScope();
  let writing = Promise.resolve();
  let nextSegment: number | undefined;

  for (let segment = first; failures.length === 0; segment++) {
    const writingBefore = writing;
    reader = new CancellationScope();
    writing = writingBefore
      .then(() => (failures.length === 0 ? writeSegment(run, steps, segment) : undefined))
      .catch((error: unknown) => {
        failures.push(error);
        reader.cancel();
      });
    const isLast = await reader
      .run(async () => (await readSegment(run, steps, segment)).isLast)
      .catch((error: unknown) => {
        failures.push(error);
        return true;
      });
    await writingBefore;
    if (isLast) break;
    if (segment + 1 - first >= plan.maxSegmentsPerExecution || workflowInfo().continueAsNewSuggested) {
      nextSegment = segment + 1;
      break;
    }
  }
  await writing;
  if (failures.length > 0) throw failures[0];
  return nextSegment;
}

/** Asks for the reader of a segment until that is closed, or the run is left. */
export async function readSegment(run: LiveRun, steps: Steps, segment: number): Promise<PageSourceResult> {
  const input = { runId: run.input.runId, segment };
  try {
    for (;;) {
      if (!(await run.whileNotPaused())) return { state: 'paused', isLast: false, totals: run.totals };
      const read = await steps.pageSource(input);
      run.show(read.totals, segment);
      if (read.state === 'closed') return read;
    }
  } catch (error) {
    await CancellationScope.nonCancellable(() => steps.abortSegment(input));
    throw error;
  }
}

/** Asks for the writer of a segment until all that is staged in it is written, or the run is left. */
export async function writeSegment(run: LiveRun, steps: Steps, segment: number): Promise<void> {
  for (;;) {
    if (!(await run.whileNotPaused())) return;
    const written = await steps.writeBatches({ runId: run.input.runId, segment });
    if (written.state === 'drained') return;
  }
}
