import type { ScheduleDescription } from '@temporalio/client';
import { z } from 'zod';
import { type SyncRef, schedulePrefix, watchId } from '../../engine/ids.ts';
import type { Temporal } from '../temporal/connect.ts';
import { WATCH } from './wanted-watch.ts';

/** A schedule as the Temporal server has it. */
export interface FoundSchedule {
  readonly sync: string;
  readonly id: string;
  /** The definition that was applied, as JSON; undefined where it is none of ours, or was changed by other hands. */
  readonly applied: string | undefined;
  readonly isPaused: boolean;
  readonly note: string | undefined;
  readonly next: readonly Date[];
  readonly lastAt: Date | undefined;
  readonly isRunning: boolean;
  /** Due while the run before was alive, and left out for that. */
  readonly skipped: number;
  /** Missed for longer than the catch-up window. */
  readonly missed: number;
}

const inputSchema = z.looseObject({ applied: z.string() });
const NEXT = 5;

/** All schedules of a project on a profile, by sync, and that of its watch; also of syncs that are there no more. */
export async function readSchedules({ client }: Temporal, { project, profile }: Pick<SyncRef, 'project' | 'profile'>, wanted: readonly string[]) {
  const prefix = schedulePrefix(project, profile);
  // The list is a moment behind what was just made: what is wanted is asked for by name.
  const ids = new Set(wanted.map((sync) => `${prefix}${sync}`));
  const watch = await describe(client, watchId(project, profile));
  for await (const { scheduleId } of client.schedule.list()) if (scheduleId.startsWith(prefix)) ids.add(scheduleId);
  const found = new Map<string, FoundSchedule>(watch === undefined ? [] : [[WATCH, foundSchedule(WATCH, watch)]]);
  for (const id of [...ids].toSorted()) {
    const description = await describe(client, id);
    if (description !== undefined) found.set(id.slice(prefix.length), foundSchedule(id.slice(prefix.length), description));
  }
  return found;
}

async function describe(client: Temporal['client'], id: string): Promise<ScheduleDescription | undefined> {
  const { ScheduleNotFoundError } = await import('@temporalio/client');
  try {
    return await client.schedule.getHandle(id).describe();
  } catch (error) {
    if (error instanceof ScheduleNotFoundError) return undefined;
    throw error;
  }
}

function foundSchedule(sync: string, { scheduleId: id, action, state, info }: ScheduleDescription): FoundSchedule {
  const [input] = action.type === 'startWorkflow' ? (action.args ?? []) : [];
  return {
    sync,
    id,
    applied: inputSchema.safeParse(input).data?.applied,
    isPaused: state.paused,
    note: state.note === '' ? undefined : state.note,
    next: info.nextActionTimes.slice(0, NEXT),
    lastAt: info.recentActions.at(-1)?.takenAt,
    isRunning: info.runningActions.length > 0,
    skipped: info.numActionsSkippedOverlap,
    missed: info.numActionsMissedCatchupWindow,
  };
}
