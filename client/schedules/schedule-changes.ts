import type { FoundSchedule } from './read-schedules.ts';
import type { WantedSchedule } from './wanted-schedule.ts';

/** What makes the schedules of the server equal to the definitions. */
export type ScheduleChange =
  | { readonly change: 'create' | 'update' | 'none'; readonly sync: string; readonly wanted: WantedSchedule }
  | { readonly change: 'remove'; readonly sync: string; readonly found: FoundSchedule };

export function scheduleChanges(wanted: readonly WantedSchedule[], found: ReadonlyMap<string, FoundSchedule>): readonly ScheduleChange[] {
  const changes = wanted.map((one): ScheduleChange => {
    const sync = one.name;
    const known = found.get(sync);
    const change = known === undefined ? 'create' : known.applied === JSON.stringify(one.schedule) ? 'none' : 'update';
    return { change, sync, wanted: one };
  });
  const names = new Set(wanted.map(({ name }) => name));
  const gone = [...found.values()].filter(({ sync }) => !names.has(sync)).map((one): ScheduleChange => ({ change: 'remove', sync: one.sync, found: one }));
  return [...changes, ...gone].toSorted((one, other) => one.sync.localeCompare(other.sync));
}
