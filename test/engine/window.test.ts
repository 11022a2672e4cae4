import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { compareCursorValues, cursorText, earlierCursorValue, laterCursorValue, notAfter } from '../../engine/cursor-value.ts';
import type { WindowInput } from '../../engine/window.ts';
import { nextWatermark, readWindow } from '../../engine/window.ts';

const DAY = 86_400_000;
const NOON = Date.UTC(2024, 4, 1, 12);
const window = (more: Partial<WindowInput>) => readWindow({ watermark: '2024-05-01T12:00:00Z', lookbackMs: 300_000, now: NOON, forceFull: false, ...more });

describe('window', () => {
  it('reads from the watermark less the lookback, to the present', () => {
    assert.deepStrictEqual(window({}), { from: '2024-05-01T11:55:00Z', isFull: false });
  });

  it('reads what is equal to the watermark again, also where the API leaves out what is equal to its bound', () => {
    const cases = [
      ['2024-05-01T12:00:00Z', '2024-05-01T11:59:59Z'],
      ['2024-05-01T12:00:00.250Z', '2024-05-01T12:00:00.249Z'],
      ['2024-05-01T12:00:00.123456Z', '2024-05-01T12:00:00.122Z'],
      ['2024-05-01', '2024-04-30'],
      ['1714564800', '1714564799'],
      ['1714564800000', '1714564799999'],
      ['4711', '4710'],
      ['2024-05-01T14:00:00+02:00', '2024-05-01T13:59:59+02:00'],
      ['1714564800.25', '1714564800.249'],
      ['1714564800250000', '1714564800249999'],
      ['3.25', '3'],
      ['3.0', '2'],
      ['v-17', 'v-17'],
    ];
    for (const [watermark = '', from] of cases) assert.equal(window({ watermark, lookbackMs: 0 }).from, from);
  });

  it('reads everything the first time, when asked, and when a full read is due', () => {
    assert.deepStrictEqual(window({ watermark: undefined }), { isFull: true });
    assert.deepStrictEqual(window({ forceFull: true }), { isFull: true });
    assert.deepStrictEqual(window({ fullReadEveryMs: 7 * DAY }), { isFull: true });
    assert.deepStrictEqual(window({ fullReadEveryMs: 7 * DAY, lastFullReadAt: NOON - 7 * DAY }), { isFull: true });
    assert.equal(window({ fullReadEveryMs: 7 * DAY, lastFullReadAt: NOON - 7 * DAY + 1 }).isFull, false);
  });

  it('reads everything where the source keeps changes for a shorter time than it was not read', () => {
    assert.deepStrictEqual(window({ keptMs: 300_000 }), { from: '2024-05-01T11:55:00Z', isFull: false });
    assert.deepStrictEqual(window({ keptMs: 299_999 }), { isFull: true, isForgotten: true });
    assert.deepStrictEqual(window({ keptMs: 1, watermark: '4711' }), { from: '4710', isFull: false }, 'what is no time has no age');
  });

  it('reads everything where the source tells of deletes for a shorter time than it was not read, however old its last change is', () => {
    const year = { watermark: '2023-05-01T12:00:00Z', keptDeletesMs: 15 * DAY };
    assert.equal(window({ ...year, lastReadAt: NOON - 15 * DAY }).isFull, false);
    assert.deepStrictEqual(window({ ...year, lastReadAt: NOON - 15 * DAY - 1 }), { isFull: true, isForgotten: true });
    assert.equal(window({ ...year, keptDeletesMs: undefined, lastReadAt: NOON - 400 * DAY }).isFull, false);
  });

  it('reads everything where what was kept is no place in an order', () => {
    assert.deepStrictEqual(window({ watermark: 'never' }), { isFull: true });
  });

  it('writes the earlier value as the source writes its own', () => {
    const cases = [
      ['2024-05-01T12:00:00.250Z', '2024-05-01T11:55:00.250Z'],
      ['2024-05-01T12:00:00.123456Z', '2024-05-01T11:55:00.123Z'],
      ['2024-05-01T14:00:00+02:00', '2024-05-01T13:55:00+02:00'],
      ['2024-05-01T00:02:00 -0500', '2024-04-30T23:57:00 -0500'],
      ['2024-05-01T12:00:00.000+0000', '2024-05-01T11:55:00.000Z'],
      ['2024-05-01T12:00:00.1234567890Z', '2024-05-01T11:55:00.123Z'],
      ['2024-05-01 12:00:00 UTC', '2024-05-01 11:55:00 UTC'],
      ['20240501T120000Z', '20240501T115500Z'],
      ['20240501T120000.5-0500', '20240501T115500.500-0500'],
      ['20240501120000', '20240501115500'],
      ['20240501120000.0Z', '20240501115500.000Z'],
      ['Wed, 01 May 2024 12:00:00 +0000', 'Wed, 01 May 2024 11:55:00 +0000'],
      ['Wed, 1 May 2024 00:02:00 +0200', 'Tue, 30 Apr 2024 23:57:00 +0200'],
      ['1 May 2024 00:06:00 GMT', '1 May 2024 00:01:00 GMT'],
      ['/Date(1714564800250)/', '/Date(1714564500250)/'],
      ['/Date(1714564800250+0200)/', '/Date(1714564500250+0200)/'],
      ['2024-05-01 12:00:00', '2024-05-01 11:55:00'],
      ['2024-05-01T12:00:00', '2024-05-01T11:55:00'],
      ['2024-05-01', '2024-04-30'],
      ['1714564800', '1714564500'],
      ['1714564800000', '1714564500000'],
      ['1714564800123456', '1714564500123000'],
      ['1714564800123456789', '1714564500123000000'],
      ['1714564800.5', '1714564500.500'],
      ['4711', '4711'],
      ['5000000000', '5000000000'],
      ['638501616000000000', '638501616000000000'],
      ['9223372036854775807', '9223372036854775807'],
      ['v-17', 'v-17'],
    ];
    for (const [value = '', earlier] of cases) assert.equal(earlierCursorValue(value, 300_000), earlier);
  });
});

describe('watermark', () => {
  const next = (maxCursorValue: string | undefined, readStartedServerTime?: number, previous?: string) =>
    nextWatermark({ maxCursorValue, readStartedServerTime, previous });

  it('is the smaller of the largest value seen and the start of the read by the source', () => {
    assert.equal(next('2024-05-01T11:00:00Z', NOON), '2024-05-01T11:00:00Z');
    assert.equal(next('2024-05-01T12:00:07.5Z', NOON), '2024-05-01T12:00:00.000Z');
    assert.equal(next('1714564807', NOON), '1714564800');
    assert.equal(next('1714564800001', NOON), '1714564800000');
    assert.equal(next('1714564807000000', NOON), '1714564800000000');
    assert.equal(next('1714564807.25', NOON), '1714564800.000');
    assert.equal(next('2024-05-01T14:00:07+02:00', NOON), '2024-05-01T14:00:00+02:00');
    assert.equal(next('2024-05-01 12:00:07 UTC', NOON), '2024-05-01 12:00:00 UTC');
    assert.equal(next('Wed, 01 May 2024 12:00:07 +0000', NOON), 'Wed, 01 May 2024 12:00:00 +0000');
    assert.equal(next('4711', NOON), '4711');
    for (const count of ['5000000000', '638501616000000000']) assert.equal(next(count, NOON), count, 'a number that is no epoch is not cut to the present');
    assert.equal(next('2024-05-01T13:00:00Z'), '2024-05-01T13:00:00Z');
  });

  it('stays where nothing was read, and never moves backwards', () => {
    assert.equal(next(undefined, NOON), undefined);
    assert.equal(next(undefined, NOON, '2024-01-01'), '2024-01-01');
    assert.equal(next('2024-05-01T10:00:00Z', NOON, '2024-05-01T11:00:00Z'), '2024-05-01T11:00:00Z');
    assert.equal(next('2024-05-01T12:00:00.123456Z', undefined, '2024-05-01T12:00:00.123457Z'), '2024-05-01T12:00:00.123457Z');
    assert.equal(next('2024-05-01T12:00:00.123457Z', undefined, '2024-05-01T12:00:00.123456Z'), '2024-05-01T12:00:00.123457Z');
    assert.equal(next('99', undefined, '100'), '100');
  });

  it('begins anew where the field became another kind', () => {
    assert.equal(next('12', NOON, '2024-05-01T11:00:00Z'), '12');
  });

  it('is not moved by an odd value of another kind', () => {
    const good = ['2024-05-01T10:00:00Z', '2024-05-01T11:00:00Z'] as const;
    for (const odd of ['never', 'N/A', 'Invalid date', 'infinity', 'pending', '-', '0', '2024 (about)'])
      for (const values of [
        [odd, ...good],
        [good[0], odd, good[1]],
        [...good, odd],
      ]) {
        const latest = values.reduce<string | undefined>(laterCursorValue, undefined);
        assert.equal(next(latest, NOON, '2024-04-30T10:00:00Z'), '2024-05-01T11:00:00Z', odd);
      }
    for (const previous of ['2024-05-01T11:00:00Z', '1714561200', '4711'])
      for (const odd of ['never', 'infinity', 'v-17']) assert.equal(next(odd, NOON, previous), previous);
    assert.equal(next('never', NOON), undefined);
    assert.equal(next('2024-05-01T11:00:00Z', NOON, 'never'), '2024-05-01T11:00:00Z');
  });

  it('is not moved by the number that stands for "never" among epochs', () => {
    for (const never of ['0', '253402300799', '253402300799000', '9223372036854775807']) {
      assert.equal(laterCursorValue('1714561200', never), '1714561200');
      assert.equal(laterCursorValue(never, '1714561200'), '1714561200');
      assert.equal(next(never, NOON, '1714561200'), '1714561200');
    }
  });

  const epoch = fc.integer({ min: Date.UTC(1990, 0, 1), max: Date.UTC(2080, 0, 1) });
  const written = fc.constantFrom<(ms: number) => string>(
    (ms) => new Date(ms).toISOString(),
    (ms) => `${new Date(ms).toISOString().slice(0, 19)}Z`,
    (ms) => new Date(ms).toISOString().slice(0, 23).replace('T', ' '),
    (ms) => new Date(ms).toISOString().slice(0, 10),
    (ms) => String(Math.floor(ms / 1_000)),
    (ms) => (ms / 1_000).toFixed(3),
    (ms) => `${new Date(ms + 19_800_000).toISOString().slice(0, 23)}+05:30`,
    (ms) => new Date(ms).toUTCString(),
    (ms) => new Date(ms).toISOString().slice(0, 19).replace(/[-T:]/g, ''),
  );

  it('whatever is read: never before the last one, never after the start of the read, never more than was seen', () => {
    fc.assert(
      fc.property(written, epoch, epoch, epoch, (write, seen, started, before) => {
        const [max, previous] = [write(seen), write(before)];
        const watermark = next(max, started, previous);
        assert.ok(watermark !== undefined);
        assert.ok(compareCursorValues(watermark, previous) >= 0);
        if (watermark !== previous) {
          assert.ok(compareCursorValues(watermark, max) <= 0);
          assert.ok(compareCursorValues(watermark, write(started)) <= 0);
        }
      }),
    );
  });

  it('a lookback only ever reads more', () => {
    fc.assert(
      fc.property(written, epoch, fc.nat({ max: 30 * DAY }), (write, ms, lookbackMs) => {
        const { from } = readWindow({ watermark: write(ms), lookbackMs, now: ms, forceFull: false });
        assert.ok(from !== undefined && compareCursorValues(from, write(ms - lookbackMs)) <= 0);
      }),
    );
  });
});

describe('values of an incremental field', () => {
  it('are compared as times, numbers, or text', () => {
    assert.ok(compareCursorValues('2024-05-01T12:00:00+02:00', '2024-05-01T11:00:00Z') < 0);
    assert.ok(compareCursorValues('9', '10') < 0);
    assert.ok(compareCursorValues('9007199254740993', '9007199254740992') > 0);
    assert.ok(compareCursorValues('1714564800.5', '1714564800.25') > 0);
    assert.equal(compareCursorValues('1714564800.50', '1714564800.5'), 0);
    assert.ok(compareCursorValues('Wed, 01 May 2024 12:00:00 GMT', 'Thu, 25 Apr 2024 12:00:00 GMT') > 0);
    assert.ok(compareCursorValues('never', '2024-05-01') < 0);
    assert.ok(compareCursorValues('a', 'b') < 0);
    assert.equal(compareCursorValues('2024-05-01', '2024-05-01T00:00:00Z'), 0);
    assert.equal(laterCursorValue(undefined, '3'), '3');
    assert.equal(laterCursorValue('10', '9'), '10');
  });

  it('come from texts and numbers only', () => {
    assert.equal(cursorText(' x '), 'x');
    assert.equal(cursorText(5), '5');
    for (const value of [null, undefined, '', true, {}]) assert.equal(cursorText(value), undefined);
  });

  it('no text makes them throw', () => {
    const text = fc.oneof(
      fc.string(),
      fc.stringMatching(/^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)?)?$/),
      fc.stringMatching(/^-?\d{1,40}$/),
      fc.stringMatching(/^\d{8,20}\.\d{0,12}$/),
      fc.stringMatching(/^\d{8}T?\d{6}(\.\d{1,12})?(Z|[+-]\d{4})?$/),
      fc.stringMatching(/^(Mon, )?[0-3]?\d (Jan|Feb|Dec) \d{4} [0-2]\d:\d\d:\d\d (GMT|[+-]\d{4})$/),
    );
    fc.assert(
      fc.property(text, text, fc.nat({ max: 400 * DAY }), (left, right, ms) => {
        assert.equal(Math.sign(compareCursorValues(left, right)), -Math.sign(compareCursorValues(right, left)) + 0);
        assert.equal(typeof earlierCursorValue(left, ms), 'string');
        assert.equal(typeof notAfter(left, ms), 'string');
      }),
      { numRuns: 500 },
    );
  });
});
