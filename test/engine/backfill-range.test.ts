import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { countWindows, rangeMistake, windowAt } from '../../engine/backfill-range.ts';
import { cursorInstant } from '../../engine/cursor-value.ts';

const DAY_MS = 86_400_000;

test('windows cover their range: each begins where the one before ends, the last ends with it', () => {
  const written = [
    (ms: number) => new Date(ms).toISOString(),
    (ms: number) => `${new Date(ms).toISOString().slice(0, 19)}Z`,
    (ms: number) => new Date(ms).toISOString().slice(0, 10),
    (ms: number) => String(ms),
    (ms: number) => String(ms / 1_000),
  ];
  fc.assert(
    fc.property(
      fc.constantFrom(...written),
      fc.integer({ min: 10_000, max: 25_000 }),
      fc.integer({ min: 1, max: 400 }),
      fc.integer({ min: 1, max: 30 }),
      (write, day, days, size) => {
        const range = { from: write(day * DAY_MS), to: write((day + days) * DAY_MS), sizeMs: size * DAY_MS };
        assert.equal(rangeMistake(range), undefined);
        const windows = Array.from({ length: countWindows(range) }, (_, index) => windowAt(range, index));
        assert.equal(windows[0]?.from, range.from);
        assert.equal(windows.at(-1)?.to, range.to);
        for (const [index, { from, to }] of windows.entries()) {
          assert.ok((cursorInstant(from) ?? 0) < (cursorInstant(to) ?? 0));
          if (index > 0) assert.equal(from, windows[index - 1]?.to);
        }
      },
    ),
  );
});

test('a range that cannot be read in windows is named', () => {
  const cases = [
    [{ from: 'soon', to: '2026-01-02', sizeMs: DAY_MS }, /^"soon" is no time/],
    [{ from: '2026-01-02', to: '2026-01-02', sizeMs: DAY_MS }, /is not before/],
    [{ from: '2026-01-01', to: '2026-01-02', sizeMs: 3_600_000 }, /^windows of 3600 s cannot be told apart in times written like 2026-01-01$/],
    [{ from: '1990-01-01', to: '2026-01-02', sizeMs: DAY_MS }, /are the most: choose longer ones$/],
  ] as const;
  for (const [range, message] of cases) assert.match(rangeMistake(range) ?? '', message);
});
