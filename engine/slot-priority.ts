import type { SyncRef } from './ids.ts';

/** Who gets a free slot of a worker first, as Temporal's task queues take it. JSON-plain. */
export interface SlotPriority {
  /** 1 goes first, 5 last; absent: as whoever starts it. */
  readonly priorityKey?: number;
  /** Of those with one priority, each key has its turn, however many tasks another key has waiting. */
  readonly fairnessKey: string;
  /** How many turns it has for one of the others. @default 1 */
  readonly fairnessWeight?: number;
}

/** As Temporal numbers them, and `priority` of a sync. */
const LOWEST_PRIORITY = 5;
/** Of a backfill beside live runs that have the lowest priority, too. */
const BACKFILL_WEIGHT = 0.1;
/** Temporal refuses a longer key; who shares the beginning of a name so long shares a turn. */
const LONGEST_KEY = 64;

/**
 * How a sync stands in line for the slots of workers, which are those of one project and profile: by its priority, and among equals each sync in its turn. A backfill comes
 * behind every live run. Quotas of an account are divided apart from this, by the same priority.
 * @param priority of the sync's definition: 1, the most important, to 5; undefined where the starter does not know it, and the run's plan will say it
 */
export function slotPriority({ sync }: Pick<SyncRef, 'sync'>, priority: number | undefined, { isBackfill = false } = {}): SlotPriority {
  if (isBackfill) return { priorityKey: LOWEST_PRIORITY, fairnessKey: `backfill/${sync}`.slice(0, LONGEST_KEY), fairnessWeight: BACKFILL_WEIGHT };
  return { ...(priority === undefined ? {} : { priorityKey: priority }), fairnessKey: sync.slice(0, LONGEST_KEY) };
}
