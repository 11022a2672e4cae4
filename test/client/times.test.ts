import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatPercent, formatRate } from '../../client/output/numbers.ts';
import { formatAgo, formatClock, formatDuration, formatTime } from '../../client/output/times.ts';

test('durations are as exact as their size deserves', () => {
  const cases: readonly (readonly [number, string])[] = [
    [0, '0 ms'],
    [480, '480 ms'],
    [1_000, '1 s'],
    [3_240, '3.2 s'],
    [42_300, '42 s'],
    [59_600, '1 min'],
    [192_000, '3 min 12 s'],
    [7_500_000, '2 h 5 min'],
    [97 * 3_600_000, '4 d 1 h'],
  ];
  for (const [ms, text] of cases) assert.equal(formatDuration(ms), text);
});

test('the past is told in the words of people', () => {
  const now = 10_000_000_000;
  assert.equal(formatAgo(now - 500, now), 'just now');
  assert.equal(formatAgo(now - 12_000, now), '12 s ago');
  assert.equal(formatAgo(now - 5 * 60_000, now), '5 min ago');
  assert.equal(formatAgo(now - 3 * 3_600_000, now), '3 h ago');
  assert.equal(formatAgo(now - 25 * 3_600_000, now), '1 day ago');
  assert.equal(formatAgo(now - 9 * 86_400_000, now), '9 days ago');
});

test('times are local, with two digits each', () => {
  const at = new Date(2026, 0, 3, 9, 5, 7, 25).getTime();
  assert.equal(formatTime(at), '2026-01-03 09:05:07');
  assert.equal(formatClock(at), '09:05:07.025');
});

test('a percentage never says all or nothing where that is not so', () => {
  assert.equal(formatPercent(0, 0), '0 %');
  assert.equal(formatPercent(1, 5_000), '<0.1 %');
  assert.equal(formatPercent(4_999, 5_000), '>99.9 %');
  assert.equal(formatPercent(5_000, 5_000), '100 %');
  assert.equal(formatPercent(2_250, 5_000), '45 %');
  assert.equal(formatPercent(50, 5_000), '1 %');
  assert.equal(formatPercent(61, 5_000), '1.2 %');
});

test('a rate has one decimal below ten', () => {
  assert.equal(formatRate(5_000, 42_000), '119/s');
  assert.equal(formatRate(3, 2_000), '1.5/s');
  assert.equal(formatRate(0, 2_000), '0/s');
  assert.equal(formatRate(5, 0), '–');
});
