import { atCursorInstant, cursorInstant } from './cursor-value.ts';

export const CALENDAR_UNITS = ['day', 'week', 'month'] as const;
export type CalendarUnit = (typeof CALENDAR_UNITS)[number];

const DAY_MS = 86_400_000;
/** The epoch began on a Thursday. */
const FIRST_MONDAY_MS = 4 * DAY_MS;

export function calendarUnit(text: string): CalendarUnit | undefined {
  return CALENDAR_UNITS.find((unit) => unit === text);
}

/** The beginning (ms) of the day, week (from Monday) or month in UTC that holds a moment, or of one so many later. */
export function beginningOf(unit: CalendarUnit, ms: number, later = 0): number {
  const date = new Date(ms);
  if (unit === 'month') return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + later, 1);
  const lengthMs = unit === 'day' ? DAY_MS : 7 * DAY_MS;
  const offsetMs = unit === 'day' ? 0 : FIRST_MONDAY_MS;
  return (Math.floor((ms - offsetMs) / lengthMs) + later) * lengthMs + offsetMs;
}

/** A bound moved outward to the border of a whole unit, written as it was but in UTC, as the units are; what is no time stays as it is. */
export function wholeBound<Bound extends string | number>(unit: CalendarUnit, side: 'from' | 'to', bound: Bound): Bound | string | number {
  const text = String(bound);
  const ms = cursorInstant(text);
  if (ms === undefined) return bound;
  const beginning = beginningOf(unit, ms);
  const moved = atCursorInstant(text, side === 'from' || beginning === ms ? beginning : beginningOf(unit, ms, 1), 'utc');
  return typeof bound === 'number' ? Number(moved) : moved;
}
