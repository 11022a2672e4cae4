import type { SegmentInput, WriteBatchesResult } from './activities.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { budgeted } from './failure-budget.ts';
import type { Handover } from './handover.ts';
import { whileBeating } from './heartbeat.ts';
import { openLiveContext, type RunContext } from './run-context.ts';
import { SegmentWriter } from './segment-writer.ts';

/** An event whose change was out of date is looked at again so soon. */
const AGAIN_MS = 2_000;

/** Writes one segment; see `Activities.writeBatches`. A passing failure is durable: the activity fails with the wait as its retry delay, and holds no slot. */
export async function writeBatches(dependencies: ActivityDependencies, handover: Handover, input: SegmentInput): Promise<WriteBatchesResult> {
  const context = await openLiveContext(dependencies, input.runId);
  const writer = new SegmentWriter(dependencies, context, handover, input.segment);
  try {
    return await whileBeating(
      dependencies,
      input.runId,
      () => ({ segment: input.segment, done: writer.settled }),
      () => settleEventsAfter(dependencies, context, input, () => writer.run()),
      writer.pulse,
    );
  } catch (error) {
    throw await budgeted(dependencies, context, { segment: input.segment, side: 'target' }, error);
  }
}

/** What events asked for in a segment is done when that is drained. */
async function settleEventsAfter(
  { ledger, now }: ActivityDependencies,
  { run }: RunContext,
  { segment }: SegmentInput,
  write: () => Promise<WriteBatchesResult>,
): Promise<WriteBatchesResult> {
  const written = await write();
  if (run.options.events === true && written.state === 'drained') await ledger.settleEvents({ runId: run.id, segment, againAt: now() + AGAIN_MS, at: now() });
  return written;
}
