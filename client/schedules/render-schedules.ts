import { scheduleSchema } from '../../definition/schema/schedule.ts';
import { renderFields, renderTable } from '../output/table.ts';
import { clean, pad, plural } from '../output/text.ts';
import type { Theme } from '../output/theme.ts';
import { formatAgo, formatTime } from '../output/times.ts';
import type { FoundSchedule } from './read-schedules.ts';
import type { ScheduleChange } from './schedule-changes.ts';
import { describeSchedule, type WantedSchedule } from './wanted-schedule.ts';

const SIGNS = { create: '+', update: '~', remove: '-', none: '=' } as const;

/** One line for each schedule: what becomes of it, and from what to what. */
export function renderChanges(changes: readonly ScheduleChange[], theme: Theme): string {
  if (changes.length === 0) return 'No sync has a schedule, here or on the server.';
  const width = Math.max(...changes.map(({ sync }) => sync.length));
  const paint = { create: theme.good, update: theme.warning, remove: theme.bad, none: theme.faint } as const;
  return changes
    .map((change) => {
      const what =
        change.change === 'remove' ? 'has no schedule in the definitions any more' : `${change.wanted.when}${change.change === 'none' ? ', as it is' : ''}`;
      return paint[change.change](`${SIGNS[change.change]} ${pad(change.sync, width)}  ${clean(what)}`);
    })
    .join('\n');
}

export function renderSchedules(wanted: readonly WantedSchedule[], found: ReadonlyMap<string, FoundSchedule>, theme: Theme): string {
  const whens = new Map(wanted.map(({ name, when }) => [name, when]));
  const names = [...new Set([...whens.keys(), ...found.keys()])].toSorted();
  if (names.length === 0) return 'No sync has a schedule.';
  const now = Date.now();
  const rows = names.map((sync) => {
    const one = found.get(sync);
    if (one === undefined) return [sync, clean(whens.get(sync) ?? ''), theme.warning('not applied'), '', ''];
    const [next] = one.next;
    const state = one.isPaused ? theme.warning('paused') : one.isRunning ? theme.good('running') : 'waiting';
    return [
      sync,
      clean(whenOf(one)),
      state,
      one.lastAt === undefined ? 'never' : formatAgo(one.lastAt.getTime(), now),
      one.isPaused || next === undefined ? '–' : formatTime(next.getTime()),
    ];
  });
  const table = renderTable([{ title: 'Sync' }, { title: 'When' }, { title: 'State' }, { title: 'Last' }, { title: 'Next' }], rows, theme);
  const notes = [...found.values()].flatMap((one) => remarks(one).map((line) => theme.warning(`${one.sync}: ${clean(line)}`)));
  return notes.length === 0 ? table : `${table}\n\n${notes.join('\n')}`;
}

export function renderSchedule(one: FoundSchedule, theme: Theme): string {
  const fields: readonly (readonly [string, string])[] = [
    ['when', clean(whenOf(one))],
    ['state', one.isPaused ? theme.warning('paused') : one.isRunning ? theme.good('running') : 'waiting'],
    ...(one.lastAt === undefined ? [] : [['last run', formatTime(one.lastAt.getTime())] as const]),
    ...one.next.map((time, index) => [index === 0 ? 'next runs' : '', time.toISOString()] as const),
    ['schedule id', one.id],
  ];
  const lines = remarks(one).map((line) => `\n${theme.warning(clean(line))}`);
  return `${theme.strong(one.sync)}\n\n${renderFields(fields, theme)}${lines.length === 0 ? '' : `\n${lines.join('')}`}`;
}

/** With ISO times. */
export function scheduleDocument({ lastAt, next, ...one }: FoundSchedule): Record<string, unknown> {
  return { ...one, ...(lastAt === undefined ? {} : { lastAt: lastAt.toISOString() }), next: next.map((time) => time.toISOString()) };
}

function remarks({ isPaused, note, skipped, missed }: FoundSchedule): readonly string[] {
  return [
    ...(isPaused && note !== undefined ? [note] : []),
    ...(skipped > 0 ? [`${plural(skipped, 'run was', 'runs were')} left out, as the one before was still alive: it outlasts its interval.`] : []),
    ...(missed > 0 ? [`${plural(missed, 'run was', 'runs were')} missed for longer than the catch-up window.`] : []),
  ];
}

/** As it was applied. */
function whenOf({ applied }: FoundSchedule): string {
  const parsed = applied === undefined ? undefined : scheduleSchema.safeParse(readJson(applied));
  return parsed?.success === true ? describeSchedule(parsed.data) : 'changed by other hands';
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
