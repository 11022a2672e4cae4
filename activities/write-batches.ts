import type { SegmentInput, WriteBatchesResult } from './activities.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { budgeted } from './failure-budget.ts';
import { whileBeating } from './heartbeat.ts';
import { openRunContext } from './run-context.ts';
import { SegmentWriter } from './segment-writer.ts';

/** Writes one segment; see `Activities.writeBatches`. A passing failure is durable: the activity fails with the wait as its retry delay, and holds no slot. */
export async function writeBatches(dependencies: ActivityDependencies, input: SegmentInput): Promise<WriteBatchesResult> {
  const context = await openRunContext(dependencies, input.runId);
  const writer = new SegmentWriter(dependencies, context, input.segment);
  try {
    return await whileBeating(
      dependencies,
      input.runId,
      () => ({ segment: input.segment, done: writer.settled }),
      () => writer.run(),
      writer.pulse,
    );
  } catch (error) {
    throw await budgeted(dependencies, context, { segment: input.segment, side: 'target' }, error);
  }
}
