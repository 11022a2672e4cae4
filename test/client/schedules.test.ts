import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ServiceError } from '@temporalio/client';
import { createTheme } from '../../client/output/theme.ts';
import { renderSchedule } from '../../client/schedules/render-schedules.ts';
import { allRefusals, scheduleRefusal } from '../../client/schedules/schedule-refusal.ts';
import { triggerWords } from '../../client/schedules/trigger-schedule.ts';

test('what is left out and what was missed is counted in words that fit', () => {
  const found = { sync: 'contacts', id: 's', applied: undefined, isPaused: false, note: undefined, next: [], lastAt: undefined, isRunning: false };
  const shown = (skipped: number, missed: number) => renderSchedule({ ...found, skipped, missed }, createTheme(false));
  assert.match(shown(1, 1_200), /\n1 run was left out,.+\n\n?1,200 runs were missed for/);
});

test('what is triggered while a run is alive goes by the overlap of the schedule, and is told so', () => {
  assert.deepEqual(triggerWords('contacts', 'SKIP', false), { isTriggered: true, words: 'contacts is run by its schedule now.' });
  assert.deepEqual(triggerWords('contacts', 'SKIP', true), {
    isTriggered: false,
    words: 'A run of contacts is alive, and its schedule leaves out what is due meanwhile: nothing was started.',
  });
  assert.equal(triggerWords('contacts', 'BUFFER_ONE', true).words, 'contacts is run by its schedule when the run that is alive has ended.');
  assert.equal(triggerWords('contacts', 'CANCEL_OTHER', true).words, 'contacts is run by its schedule now.');
});

test('only what the server says of a schedule is a mistake in its file, and of no file where no sync has it', () => {
  const answer = (code: number, details: string) =>
    new ServiceError('Failed to create schedule', { cause: Object.assign(new Error(details), { code, details }) });
  const told = (error: unknown, isOfSync = true) => scheduleRefusal({ change: 'create', sync: isOfSync ? 'contacts' : '(alerts)' }, isOfSync, error)?.message;
  const refused = 'The Temporal server refused to create the schedule of contacts';
  assert.equal(told(new TypeError('bad cron')), `${refused}: bad cron. Look at \`schedule\` in syncs/contacts.yaml.`);
  assert.equal(told(answer(3, 'too many')), `${refused}: too many. Look at \`schedule\` in syncs/contacts.yaml.`);
  assert.equal(told(answer(3, 'too many'), false), 'The Temporal server refused to create the schedule of (alerts): too many.');
  assert.deepEqual([told(answer(14, 'No connection established')), told(new Error('else'))], [undefined, undefined]);
});

test('what the server refuses of one schedule is told with the others, and with how many changes were made', () => {
  const refusalOf = (sync: string) => scheduleRefusal({ change: 'update', sync }, true, new TypeError('bad cron'));
  const refusals = ['contacts', 'deals'].flatMap((sync) => refusalOf(sync) ?? []);
  const { message, details, code, exitCode } = allRefusals(refusals, 5);
  assert.deepEqual([code, exitCode], ['SCHEDULE_REFUSED', 3]);
  assert.match(message, /schedule of contacts: bad cron/);
  assert.deepEqual(details, [refusals[1]?.message, 'Changes made: 3 of 5.']);
  assert.deepEqual(allRefusals(refusals.slice(0, 1), 1).details, []);
});
