import type { ActivityDependencies } from './dependencies.ts';

/** How far a run's reader came. */
export interface Extent {
  readonly segments: number;
  /** The largest value of the incremental field. */
  readonly maxCursorValue: string | undefined;
  /** The source had no more; of a run of events, which has no end: all that it began is read. */
  readonly isComplete: boolean;
}

export async function readExtent(dependencies: ActivityDependencies, runId: string): Promise<Extent> {
  const isEndless = (await dependencies.ledger.readRun(runId))?.options.events === true;
  let maxCursorValue: string | undefined;
  let isComplete = false;
  for (let segments = 0; ; segments++) {
    const segment = await dependencies.ledger.readSegment(runId, segments);
    if (segment === undefined) return { segments, maxCursorValue, isComplete };
    maxCursorValue = segment.maxCursorValue ?? maxCursorValue;
    isComplete = segment.state === 'complete' && (segment.isLast || isEndless);
  }
}
