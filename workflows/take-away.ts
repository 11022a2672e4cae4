import { writeSegment } from './copy-segments.ts';
import type { LiveRun } from './live-run.ts';
import { bookkeeping, type Steps } from './steps.ts';

/**
 * After a complete read: takes from the target what the source no longer has. Where that is more than the definition allows without asking, the run waits, for days if need be
 * and without holding a slot, until a person decides.
 */
export async function takeAway(run: LiveRun, steps: Steps): Promise<void> {
  const { ref, runId } = run.input;
  run.enter('sweeping');
  const sweepDeletes = async (isApproved: boolean) => {
    const swept = await steps.sweepDeletes({ runId, isApproved });
    if (swept.passedOn !== undefined) await writeSegment(run, steps, swept.passedOn);
    return swept;
  };
  let sweep = await sweepDeletes(false);
  if (sweep.state === 'guarded') {
    const isApproved = await run.askForDeletes(sweep.due);
    if (isApproved === undefined) return;
    if (!isApproved) return bookkeeping(ref, 'Note that the deletes were refused').denyDeletes({ runId });
    sweep = await sweepDeletes(true);
  }
  if (sweep.segment !== undefined) await writeSegment(run, steps, sweep.segment);
}
