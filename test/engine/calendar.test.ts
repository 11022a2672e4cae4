import assert from 'node:assert/strict';
import { it } from 'node:test';
import { wholeBound } from '../../engine/calendar.ts';

it('a bound is moved to whole days of UTC, and written as it was but for its zone', () => {
  const cases = [
    ['2026-08-01T07:03:00Z', '2026-08-01T00:00:00Z', '2026-08-02T00:00:00Z'],
    ['2026-08-01T23:03:00-05:00', '2026-08-02T00:00:00Z', '2026-08-03T00:00:00Z'],
    ['2026-08-01 01:03:00.5 +0500', '2026-07-31 00:00:00.000Z', '2026-08-01 00:00:00.000Z'],
    ['20260801T010300+0500', '20260731T000000Z', '20260801T000000Z'],
    ['Sat, 01 Aug 2026 01:03:00 +0300', 'Fri, 31 Jul 2026 00:00:00 +0000', 'Sat, 01 Aug 2026 00:00:00 +0000'],
    ['2026-08-01 07:03:00 UTC', '2026-08-01 00:00:00 UTC', '2026-08-02 00:00:00 UTC'],
    ['2026-08-01', '2026-08-01', '2026-08-01'],
    ['1785585780', '1785542400', '1785628800'],
    ['v-17', 'v-17', 'v-17'],
  ] as const;
  for (const [bound, from, to] of cases) assert.deepEqual([wholeBound('day', 'from', bound), wholeBound('day', 'to', bound)], [from, to]);
});
