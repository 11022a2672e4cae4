import { scheduleId, taskQueues, wakeWorkflowId } from '../../engine/ids.ts';
import { WAKE_WORKFLOW, type WakeInput } from '../../workflows/contract.ts';
import { describeSchedule, type WantedSchedule } from './wanted-schedule.ts';

/** Stands among the names of syncs, and can be none. */
export const WAKE_UP = '(deliveries)';
const EVERY_MINUTE = { every: '1m' } as const;

/** The schedule that wakes syncs with open events, where whoever took the delivery died before it did. */
export function wantedWakeUp({ project, profile }: { readonly project: string; readonly profile: string }, hasSearchAttributes: boolean): WantedSchedule {
  const input: WakeInput = { project, profile, applied: JSON.stringify(EVERY_MINUTE), ...(hasSearchAttributes ? { hasSearchAttributes } : {}) };
  return {
    name: WAKE_UP,
    schedule: EVERY_MINUTE,
    when: describeSchedule(EVERY_MINUTE),
    options: {
      scheduleId: scheduleId({ project, profile, sync: WAKE_UP }),
      spec: { intervals: [{ every: '1 minute' }] },
      action: {
        type: 'startWorkflow',
        workflowType: WAKE_WORKFLOW,
        workflowId: wakeWorkflowId(project, profile),
        taskQueue: taskQueues(project, profile).workflows,
        args: [input],
        staticSummary: 'Wake syncs with open events',
      },
      policies: { overlap: 'SKIP', catchupWindow: '1 minute' },
    },
  };
}
