import { eventsWorkflowId, type SyncRef, taskQueues } from './ids.ts';
import { type SlotPriority, slotPriority } from './slot-priority.ts';

export const EVENTS_WORKFLOW = 'eventsWorkflow';
/** Says nothing but that there may be open events: what they are is in the ledger alone. */
export const WAKE_SIGNAL = 'wake';

export interface EventsInput {
  readonly ref: SyncRef;
  /** Search attributes are registered on this server. */
  readonly hasSearchAttributes?: boolean;
  /** Set by continue-as-new only: runs that failed without one between that went well. */
  readonly failedInARow?: number;
  /** Set by continue-as-new only: nothing is begun, or gone on with, until it is resumed. */
  readonly paused?: boolean;
  /** Set by continue-as-new only: the run that is open meanwhile, held by a pause or by a question to a person. */
  readonly open?: OpenEventsRun;
  /** Signals that an execution hears before it continues as new where it is held. @default 500 */
  readonly wakesPerExecution?: number;
}

export interface OpenEventsRun {
  readonly runId: string;
  readonly segment: number;
  /** All that it read is written: it waits for somebody to decide about deletes. */
  readonly isSweeping?: boolean;
}

/** What Temporal's signal-with-start is given to have the open events of a sync looked at: whether or not its workflow is alive, once is enough. */
export interface WakeUp {
  readonly workflowId: string;
  readonly taskQueue: string;
  readonly args: [EventsInput];
  readonly signal: typeof WAKE_SIGNAL;
  readonly signalArgs: [];
  readonly priority: SlotPriority;
  readonly staticSummary: string;
}

export function wakeUpOf(ref: SyncRef, hasSearchAttributes: boolean): WakeUp {
  return {
    workflowId: eventsWorkflowId(ref),
    taskQueue: taskQueues(ref.project, ref.profile).workflows,
    args: [{ ref, ...(hasSearchAttributes ? { hasSearchAttributes } : {}) }],
    signal: WAKE_SIGNAL,
    signalArgs: [],
    priority: slotPriority(ref, undefined),
    staticSummary: `Events of ${ref.sync}`,
  };
}
