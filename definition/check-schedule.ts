import { parseDuration } from '../engine/duration.ts';
import type { Mistake } from './mistake.ts';
import type { Ruling } from './ruling-of.ts';
import type { Sync } from './schema/sync.ts';

const CRON_FIELDS = [
  { name: 'minute', from: 0, to: 59 },
  { name: 'hour', from: 0, to: 23 },
  { name: 'day of month', from: 1, to: 31 },
  { name: 'month', from: 1, to: 12 },
  { name: 'day of week', from: 0, to: 7 },
] as const;

/** What a schedule says that no calendar has. */
export function checkSchedule({ rule: schedule, file, path }: Ruling<Sync['schedule']>): Mistake[] {
  if (schedule === undefined) return [];
  const at = (key: string) => [...path, key];
  const mistakes: Mistake[] = [];
  const everyMs = parseDuration(schedule.every ?? '');
  if (schedule.every !== undefined && (everyMs ?? 0) < 1_000) mistakes.push(file.mistake(at('every'), 'an interval is a second at the least'));
  if (schedule.timezone !== undefined && !isTimezone(schedule.timezone))
    mistakes.push(file.mistake(at('timezone'), `"${schedule.timezone}" is no time zone: use an IANA name, like Europe/Berlin`));
  if (schedule.timezone !== undefined && schedule.every !== undefined)
    mistakes.push(file.mistake(at('timezone'), 'an interval knows no time zone: it counts from 1970-01-01T00:00Z', { severity: 'warning' }));
  for (const cron of [schedule.cron ?? []].flat()) {
    const wrong = cronMistake(cron);
    if (wrong !== undefined) mistakes.push(file.mistake(at('cron'), `"${cron}" is no cron expression: ${wrong}`));
  }
  const jitterMs = parseDuration(schedule.jitter ?? '') ?? 0;
  if (everyMs !== undefined && jitterMs >= everyMs)
    mistakes.push(file.mistake(at('jitter'), `is as long as the interval ${schedule.every}: runs would come in any order`, { severity: 'warning' }));
  if (schedule.startAt !== undefined && schedule.endAt !== undefined && Date.parse(schedule.startAt) >= Date.parse(schedule.endAt))
    mistakes.push(file.mistake(at('endAt'), 'is before startAt: it would never run'));
  return mistakes;
}

/** The numbers in it; names and other words are left to the server. */
function cronMistake(cron: string): string | undefined {
  if (cron.startsWith('@')) return undefined;
  const fields = cron.trim().split(/\s+/);
  if (fields.length !== CRON_FIELDS.length) return 'it has five fields, minute, hour, day of month, month and day of week';
  return CRON_FIELDS.flatMap(({ name, from, to }, index) => {
    const ranges = (fields[index] ?? '').split(',').map((part) => part.replace(/\/.*/, ''));
    const numbers = ranges.flatMap((range) => (/^\d+(-\d+)?$/.test(range) ? range.split('-') : []));
    return numbers.filter((number) => Number(number) < from || Number(number) > to).map((number) => `${number} is no ${name}, ${from} to ${to}`);
  })[0];
}

/** By its IANA name. */
export function isTimezone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
