import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseDuration, writtenDuration } from '../../engine/duration.ts';

test('a duration is written in the largest unit that it is whole in, and read as it was', () => {
  assert.deepEqual([86_400_000, 21_600_000, 5_400_000, 1_500, 0].map(writtenDuration), ['1d', '6h', '90m', '1500ms', '0d']);
  fc.assert(fc.property(fc.nat(), (ms) => parseDuration(writtenDuration(ms)) === ms));
});
