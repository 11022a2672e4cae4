import assert from 'node:assert/strict';
import { test } from 'node:test';
import { quietUntil } from '../../engine/quiet-hours.ts';

const NIGHT = { from: '22:00', to: '07:00', timezone: 'Europe/Berlin' };
const until = (quiet: typeof NIGHT, at: string) => {
  const end = quietUntil(quiet, Date.parse(at));
  return end === undefined ? undefined : new Date(end).toISOString();
};

test('a night is quiet from its evening to its morning, by the clock of the place', () => {
  assert.equal(until(NIGHT, '2026-01-15T20:59:59.999Z'), undefined);
  assert.equal(until(NIGHT, '2026-01-15T21:00:00Z'), '2026-01-16T06:00:00.000Z');
  assert.equal(until(NIGHT, '2026-01-16T05:59:59.999Z'), '2026-01-16T06:00:00.000Z');
  assert.equal(until(NIGHT, '2026-01-16T06:00:00Z'), undefined);
  assert.equal(until(NIGHT, '2026-07-15T20:00:00Z'), '2026-07-16T05:00:00.000Z', 'in summer');
});

test('the night in which clocks are put forward is shorter, and the one in which they are put back longer', () => {
  assert.equal(until(NIGHT, '2026-03-28T21:00:00Z'), '2026-03-29T05:00:00.000Z');
  assert.equal(until(NIGHT, '2026-10-24T20:00:00Z'), '2026-10-25T06:00:00.000Z');
  const twice = { ...NIGHT, from: '02:15', to: '02:45' };
  assert.deepEqual([until(twice, '2026-10-25T00:20:00Z'), until(twice, '2026-10-25T01:20:00Z')], ['2026-10-25T00:45:00.000Z', '2026-10-25T01:45:00.000Z']);
  assert.equal(until(twice, '2026-03-29T01:20:00Z'), undefined, 'there is no such time on that day');
});

test('quiet hours within a day, and of a place whose clock differs by parts of an hour', () => {
  assert.equal(until({ from: '12:00', to: '13:30', timezone: 'UTC' }, '2026-01-15T12:10:30Z'), '2026-01-15T13:30:00.000Z');
  assert.equal(until({ from: '12:00', to: '13:30', timezone: 'UTC' }, '2026-01-15T13:30:00Z'), undefined);
  assert.equal(until({ ...NIGHT, timezone: 'Asia/Kathmandu' }, '2026-01-15T16:15:00Z'), '2026-01-16T01:15:00.000Z');
});
