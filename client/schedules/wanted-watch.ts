import { watchEveryMs } from '../../engine/alerts.ts';
import { type ProjectRef, taskQueues, watchId } from '../../engine/ids.ts';
import { WATCH_WORKFLOW, type WatchInput } from '../../workflows/contract.ts';
import type { Project } from '../project.ts';
import type { WantedSchedule } from './wanted-schedule.ts';

/** Stands for the watch where other schedules have the name of their sync: no sync is named so. */
export const WATCH = '(alerts)';

/** The schedule by which alert rules are judged without a run; undefined where no sync has such a rule. What was missed is not looked at afterwards: it is what it is now. */
export function wantedWatch(project: Project): WantedSchedule | undefined {
  const everyMs = watchEveryMs(project.syncNames.flatMap((sync) => project.resolve(sync).definition.alerts ?? []));
  if (everyMs === undefined) return undefined;
  const ref: ProjectRef = { project: project.name, profile: project.profile };
  const schedule = { every: `${everyMs / 60_000}m` };
  const input: WatchInput = { ...ref, applied: JSON.stringify(schedule) };
  return {
    name: WATCH,
    schedule,
    when: `every ${schedule.every}`,
    options: {
      scheduleId: watchId(ref.project, ref.profile),
      spec: { intervals: [{ every: everyMs }] },
      action: {
        type: 'startWorkflow',
        workflowType: WATCH_WORKFLOW,
        workflowId: watchId(ref.project, ref.profile),
        taskQueue: taskQueues(ref.project, ref.profile).workflows,
        args: [input],
        staticSummary: 'Judge the alert rules',
      },
      policies: { overlap: 'SKIP', catchupWindow: 60_000 },
    },
  };
}
