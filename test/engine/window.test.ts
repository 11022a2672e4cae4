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

  it('writes the earlier value as the source writes its own', () => {
    const cases = [
      ['2024-05-01T12:00:00.250Z', '2024-05-01T11:55:00.250Z'],
      ['2024-05-01T12:00:00.123456Z', '2024-05-01T11:55:00.123Z'],
      ['2024-05-01T14:00:00+02:00', '2024-05-01T11:55:00Z'],
      ['2024-05-01 12:00:00', '2024-05-01 11:55:00'],
      ['2024-05-01T12:00:00', '2024-05-01T11:55:00'],
      ['2024-05-01', '2024-04-30'],
      ['1714564800', '1714564500'],
      ['1714564800000', '1714564500000'],
      ['4711', '4711'],
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
    assert.equal(next('4711', NOON), '4711');
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

  const epoch = fc.integer({ min: Date.UTC(1990, 0, 1), max: Date.UTC(2080, 0, 1) });
  const written = fc.constantFrom<(ms: number) => string>(
    (ms) => new Date(ms).toISOString(),
    (ms) => `${new Date(ms).toISOString().slice(0, 19)}Z`,
    (ms) => new Date(ms).toISOString().slice(0, 23).replace('T', ' '),
    (ms) => new Date(ms).toISOString().slice(0, 10),
    (ms) => String(Math.floor(ms / 1_000)),
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
