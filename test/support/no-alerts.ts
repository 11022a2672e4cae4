import type { ActivityDependencies } from '../../activities/dependencies.ts';

/** Where nobody is told of anything. */
export const NO_ALERTS: Pick<ActivityDependencies, 'channels' | 'loadSyncs' | 'wakeAlerts' | 'findSchedule'> = {
  channels: { send: () => Promise.reject(new Error('nobody is told here')), post: () => Promise.reject(new Error('nobody is told here')) },
  loadSyncs: async () => [],
  wakeAlerts: () => Promise.reject(new Error('nobody is told here')),
  findSchedule: async () => undefined,
};
