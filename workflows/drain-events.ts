import { CancellationScope, condition, workflowInfo } from '@temporalio/workflow';
import type { EventsOutlook, RunPlan } from '../activities/activities.ts';
import { readSegment, writeSegment } from './copy-segments.ts';
import type { Inbox } from './inbox.ts';
import type { LiveRun } from './live-run.ts';
import type { Steps } from './steps.ts';

/** A run of events ends after so long, however many there are: its books are closed, and lookup tables are read anew. */
const LONGEST_MS = 900_000;

/** What a run knew of open events that another execution went on with. */
export const LOOK_AGAIN = { dueInMs: 1 } as const;

/**
 * Looks at open events, a segment each time: at once, then whenever others are due or somebody asks, until none has come for a while, or something is to be taken away. A run that is left
 * is gone on with where it was.
 * @returns how it stands with the events that are open
 */
export async function drainEvents(run: LiveRun, steps: Steps, { maxSegmentsPerExecution, lingerMs = 0 }: RunPlan, inbox: Inbox): Promise<EventsOutlook> {
  const startedAt = Date.now();
  const first = run.segment;
  for (let segment = first; ; segment++) {
    inbox.empty();
    run.segment = segment;
    const isGoneOnWith = run.input.continued !== undefined && segment === first;
    const outlook = { ...(isGoneOnWith ? LOOK_AGAIN : {}), ...(await copyEvents(run, steps, segment)) };
    if (run.isLeft) return outlook;
    const isLong = segment + 1 - first >= maxSegmentsPerExecution || Date.now() - startedAt > LONGEST_MS || workflowInfo().continueAsNewSuggested;
    if (outlook.hasGone || isLong) return outlook;
    const { dueInMs = Number.POSITIVE_INFINITY } = outlook;
    const isAsked = await condition(() => inbox.hasWake, Math.max(1, Math.min(dueInMs, lingerMs)));
    if (!isAsked && dueInMs > lingerMs) return dueInMs === Number.POSITIVE_INFINITY ? outlook : { ...outlook, dueInMs: dueInMs - lingerMs };
  }
}

/** Reads and writes one segment; neither is left running. @throws the first final failure */
async function copyEvents(run: LiveRun, steps: Steps, segment: number): Promise<EventsOutlook> {
  const failures: unknown[] = [];
  const reader = new CancellationScope();
  run.together = 2;
  const ends = () => {
    run.together -= 1;
  };
  const writing = writeSegment(run, steps, segment)
    .catch((error: unknown) => {
      failures.push(error);
      reader.cancel();
    })
    .finally(ends);
  const read = await reader
    .run(() => readSegment(run, steps, segment))
    .catch((error: unknown) => {
      failures.push(error);
      return undefined;
    })
    .finally(ends);
  await writing;
  if (failures.length > 0) throw failures[0];
  return read?.events ?? { hasGone: false };
}
