import { CancellationScope, condition, workflowInfo } from '@temporalio/workflow';
import type { EventsOutlook, RunPlan } from '../activities/activities.ts';
import { readSegment, writeSegment } from './copy-segments.ts';
import type { Inbox } from './inbox.ts';
import type { LiveRun } from './live-run.ts';
import type { Steps } from './steps.ts';

/** A run of events ends after so long, however many there are: its books are closed, and lookup tables are read anew. */
const LONGEST_MS = 900_000;

/**
 * Looks at open events, a segment each time: at once, then whenever others are due or somebody asks, until none has come for a while, or something is to be taken away.
 * @returns how it stands with the events that are open
 */
export async function drainEvents(run: LiveRun, steps: Steps, { maxSegmentsPerExecution, lingerMs = 0 }: RunPlan, inbox: Inbox): Promise<EventsOutlook> {
  const startedAt = Date.now();
  for (let segment = 0; ; segment++) {
    inbox.empty();
    const outlook = await copyEvents(run, steps, segment);
    const isLong = segment + 1 >= maxSegmentsPerExecution || Date.now() - startedAt > LONGEST_MS || workflowInfo().continueAsNewSuggested;
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
  const writing = writeSegment(run, steps, segment).catch((error: unknown) => {
    failures.push(error);
    reader.cancel();
  });
  const read = await reader
    .run(() => readSegment(run, steps, segment))
    .catch((error: unknown) => {
      failures.push(error);
      return undefined;
    });
  await writing;
  if (failures.length > 0) throw failures[0];
  return read?.events ?? { hasGone: false };
}
