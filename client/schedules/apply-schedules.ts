import type { Temporal } from '../temporal/connect.ts';
import type { ScheduleChange } from './schedule-changes.ts';

/** Makes one change at the server. A paused schedule stays paused, with its note. */
export async function applyScheduleChange({ client }: Temporal, change: ScheduleChange): Promise<void> {
  switch (change.change) {
    case 'none':
      return;
    case 'remove':
      return client.schedule.getHandle(change.found.id).delete();
    case 'create':
      await client.schedule.create(change.wanted.options);
      return;
    case 'update': {
      const { scheduleId, memo: _, state: __, ...options } = change.wanted.options;
      return client.schedule.getHandle(scheduleId).update(({ state }) => ({ ...options, state }));
    }
  }
}
