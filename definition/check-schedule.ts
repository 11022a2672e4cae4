import { parseDuration } from '../engine/duration.ts';
import type { Mistake } from './mistake.ts';
import type { Sync } from './schema/sync.ts';
import type { YamlFile } from './yaml-file.ts';

const CRON_FIELDS = 5;

/** What a schedule says that no calendar has. */
export function checkSchedule(file: YamlFile, { schedule }: Pick<Sync, 'schedule'>): Mistake[] {
  if (schedule === undefined) return [];
  const at = (key: string) => ['schedule', key];
  const mistakes: Mistake[] = [];
  const everyMs = parseDuration(schedule.every ?? '');
  if (schedule.every !== undefined && (everyMs ?? 0) < 1_000) mistakes.push(file.mistake(at('every'), 'an interval is a second at the least'));
  if (schedule.timezone !== undefined && !isTimezone(schedule.timezone))
    mistakes.push(file.mistake(at('timezone'), `"${schedule.timezone}" is no time zone: use an IANA name, like Europe/Berlin`));
  if (schedule.timezone !== undefined && schedule.every !== undefined)
    mistakes.push(file.mistake(at('timezone'), 'an interval knows no time zone: it counts from 1970-01-01T00:00Z', { severity: 'warning' }));
  for (const cron of [schedule.cron ?? []].flat()) {
    if (cron.startsWith('@') || cron.trim().split(/\s+/).length === CRON_FIELDS) continue;
    mistakes.push(file.mistake(at('cron'), `"${cron}" is no cron expression: it has five fields, minute, hour, day of month, month and day of week`));
  }
  const jitterMs = parseDuration(schedule.jitter ?? '') ?? 0;
  if (everyMs !== undefined && jitterMs >= everyMs)
    mistakes.push(file.mistake(at('jitter'), `is as long as the interval ${schedule.every}: runs would come in any order`, { severity: 'warning' }));
  if (schedule.startAt !== undefined && schedule.endAt !== undefined && Date.parse(schedule.startAt) >= Date.parse(schedule.endAt))
    mistakes.push(file.mistake(at('endAt'), 'is before startAt: it would never run'));
  return mistakes;
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
