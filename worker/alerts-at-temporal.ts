import { getClient } from '@temporalio/activity';
import { ScheduleNotFoundError } from '@temporalio/client';
import type { ActivityDependencies } from '../activities/dependencies.ts';
import { alertsWorkflowId, scheduleId, taskQueues } from '../engine/ids.ts';
import { ALERTS_WORKFLOW, type AlertsInput, WAKE_SIGNAL } from '../workflows/contract.ts';

/** What judging alerts asks of the Temporal server: from within an activity, by the worker's own connection. */
export const alertsAtTemporal: Pick<ActivityDependencies, 'wakeAlerts' | 'findSchedule'> = {
  wakeAlerts: async ({ project, profile }, { isNew }) => {
    const input: AlertsInput = { project, profile };
    const options = { workflowId: alertsWorkflowId(project, profile), taskQueue: taskQueues(project, profile).workflows, args: [input] };
    const { workflow } = getClient();
    if (isNew) await workflow.signalWithStart(ALERTS_WORKFLOW, { ...options, signal: WAKE_SIGNAL, staticSummary: 'Send alerts' });
    else await workflow.start(ALERTS_WORKFLOW, { ...options, workflowIdConflictPolicy: 'USE_EXISTING', staticSummary: 'Send alerts' });
  },
  findSchedule: async (ref) => {
    try {
      const { info, state } = await getClient().schedule.getHandle(scheduleId(ref)).describe();
      return { createdAt: info.createdAt.getTime(), isPaused: state.paused };
    } catch (error) {
      if (error instanceof ScheduleNotFoundError) return undefined;
      throw error;
    }
  },
};
