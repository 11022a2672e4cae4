import type { ScheduleOptions, ScheduleSpec } from '@temporalio/client';
import type { Schedule } from '../../definition/schema/schedule.ts';
import { parseDuration } from '../../engine/duration.ts';
import { type SyncRef, scheduledWorkflowId, scheduleId, taskQueues } from '../../engine/ids.ts';
import { SCHEDULED_WORKFLOW, type ScheduledInput } from '../../workflows/contract.ts';

const DEFAULT_CATCHUP_MS = 86_400_000;
/** What Temporal does where a scheduled run is due while the one before is alive; where it is another kind of run, the workflow that it starts does the same. */
const OVERLAP_POLICIES = { skip: 'SKIP', 'buffer-one': 'BUFFER_ONE', 'buffer-all': 'BUFFER_ALL', 'cancel-other': 'CANCEL_OTHER' } as const;

/** A schedule as a definition wants it. */
export interface WantedSchedule {
  /** Of its sync. */
  readonly name: string;
  readonly schedule: Schedule;
  /** In one line, for people. */
  readonly when: string;
  readonly options: ScheduleOptions;
}

export function wantedSchedule(ref: SyncRef, schedule: Schedule, hasSearchAttributes: boolean): WantedSchedule {
  const { overlap = 'skip', pauseAfterFailures, catchupWindow } = schedule;
  const input: ScheduledInput = {
    ref,
    overlap,
    applied: JSON.stringify(schedule),
    ...(pauseAfterFailures === undefined ? {} : { pauseAfterFailures }),
    ...(hasSearchAttributes ? { hasSearchAttributes } : {}),
  };
  const when = describeSchedule(schedule);
  return {
    name: ref.sync,
    schedule,
    when,
    options: {
      scheduleId: scheduleId(ref),
      spec: specOf(schedule),
      action: {
        type: 'startWorkflow',
        workflowType: SCHEDULED_WORKFLOW,
        workflowId: scheduledWorkflowId(ref),
        taskQueue: taskQueues(ref.project, ref.profile).workflows,
        args: [input],
        staticSummary: `${ref.sync}, ${when}`,
      },
      policies: {
        overlap: OVERLAP_POLICIES[overlap],
        catchupWindow: parseDuration(catchupWindow ?? '') ?? DEFAULT_CATCHUP_MS,
      },
    },
  };
}

function specOf({ every, offset, cron, calendar, timezone, jitter, startAt, endAt }: Schedule): ScheduleSpec {
  const crons = [...[cron ?? []].flat(), ...[calendar ?? []].flat().map(asCron)];
  return {
    ...(every === undefined ? {} : { intervals: [{ every: parseDuration(every) ?? 0, offset: parseDuration(offset ?? '') ?? 0 }] }),
    ...(crons.length === 0 ? {} : { cronExpressions: crons }),
    ...(timezone === undefined ? {} : { timezone }),
    ...(jitter === undefined ? {} : { jitter: parseDuration(jitter) ?? 0 }),
    ...(startAt === undefined ? {} : { startAt: new Date(startAt) }),
    ...(endAt === undefined ? {} : { endAt: new Date(endAt) }),
  };
}

/** Temporal reads seven fields as second, minute, hour, day of month, month, day of week, year. */
function asCron({ second = 0, minute = 0, hour = 0, dayOfMonth = '*', month = '*', dayOfWeek = '*', year = '*' }: Calendar): string {
  return [second, minute, hour, dayOfMonth, month, dayOfWeek, year].join(' ');
}

type Calendar = Exclude<NonNullable<Schedule['calendar']>, readonly unknown[]>;

/** In one line: `every 1h, up to 1m later`, `30 6 * * 1-5 (Europe/Berlin)`. */
export function describeSchedule({ every, offset, cron, calendar, timezone, jitter, startAt, endAt }: Schedule): string {
  const when =
    every === undefined
      ? [
          ...[cron ?? []].flat(),
          ...[calendar ?? []].flat().map((one) =>
            Object.entries(one)
              .map(([name, value]) => `${name} ${value}`)
              .join(' '),
          ),
        ].join(' and ')
      : `every ${every}${offset === undefined ? '' : ` and ${offset}`}`;
  const zone = every === undefined ? ` (${timezone ?? 'UTC'})` : '';
  const more = [
    jitter === undefined ? '' : `up to ${jitter} later`,
    startAt === undefined ? '' : `from ${startAt}`,
    endAt === undefined ? '' : `until ${endAt}`,
  ].filter((part) => part !== '');
  return [`${when}${zone}`, ...more].join(', ');
}
