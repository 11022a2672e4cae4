import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { cursorInstant } from '../../engine/cursor-value.ts';
import type { Json } from '../../engine/json.ts';
import { afterSlicePage, beginSlices, planSlices, type Slice, type SlicePlan, type SlicePlanInput, type SliceRule } from '../../engine/slices.ts';

const NOON = Date.UTC(2024, 2, 1, 12);

function slicesOf(rule: SliceRule, more: Partial<SlicePlanInput> = {}): readonly Slice[] {
  const plan = planSlices(rule, { isOfWindow: true, until: NOON, ...more });
  return Array.from({ length: plan.count ?? 3 }, (_, index) => plan.slice(index));
}

describe('slices by window', () => {
  const months: SliceRule = { by: 'window', size: '30d', from: '2024-01-01T00:00:00Z' };

  it('have no beginning and no end, and overlap by a step of how times are written', () => {
    assert.deepEqual(slicesOf(months), [
      { to: '2024-01-31T00:00:00Z' },
      { from: '2024-01-30T23:59:59Z', to: '2024-03-01T00:00:00Z' },
      { from: '2024-02-29T23:59:59Z' },
    ]);
    assert.deepEqual(slicesOf({ ...months, from: '2024-01-01' })[1], { from: '2024-01-30', to: '2024-03-01' });
    assert.deepEqual(slicesOf({ ...months, from: 1_704_067_200 })[1], { from: 1_706_659_199, to: 1_709_251_200 });
  });

  it('of an incremental read begin where it begins', () => {
    assert.deepEqual(slicesOf(months, { windowFrom: '2024-03-01T11:00:00.5Z' }), [{ from: '2024-03-01T11:00:00.5Z' }]);
    assert.deepEqual(slicesOf(months, { windowFrom: '2024-01-20T00:00:00Z' }), [
      { from: '2024-01-20T00:00:00Z', to: '2024-02-19T00:00:00Z' },
      { from: '2024-02-18T23:59:59Z' },
    ]);
    assert.equal(slicesOf(months, { windowFrom: '2024-01-20T00:00:00Z', isOfWindow: false }).length, 3);
    assert.deepEqual(slicesOf(months, { windowFrom: '4711' }), [{ from: '4711' }], 'what is no time is not cut');
  });

  it('of the calendar begin where its days, weeks and months do, and do not overlap where the list is asked for whole ones', () => {
    const calendar = (size: string, from: string | number): SliceRule => ({ by: 'window', size, from });
    assert.deepEqual(slicesOf(calendar('month', '2023-12-20'), { isWhole: true }), [
      { to: '2024-01-01' },
      { from: '2024-01-01', to: '2024-02-01' },
      { from: '2024-02-01', to: '2024-03-01' },
      { from: '2024-03-01' },
    ]);
    assert.deepEqual(slicesOf(calendar('week', '2024-02-21T10:00:00Z'), { isWhole: true }), [{ to: '2024-02-26T00:00:00Z' }, { from: '2024-02-26T00:00:00Z' }]);
    assert.deepEqual(slicesOf(calendar('day', '2024-02-29T10:00:00Z')), [{ to: '2024-03-01T00:00:00Z' }, { from: '2024-02-29T23:59:59Z' }]);
    const february = slicesOf(calendar('month', '2023-12-20'), { isWhole: true, windowFrom: '2024-02-10' });
    assert.deepEqual(february, [{ from: '2024-02-10', to: '2024-03-01' }, { from: '2024-03-01' }]);
  });

  it('however they are cut, hold every moment, also where bounds are left out', () => {
    const written = fc.constantFrom<(ms: number) => string | number>(
      (ms) => new Date(ms).toISOString(),
      (ms) => `${new Date(ms).toISOString().slice(0, 19)}Z`,
      (ms) => new Date(ms).toISOString().slice(0, 10),
      (ms) => Math.floor(ms / 1_000),
      (ms) => ms,
    );
    const moment = fc.integer({ min: Date.UTC(2020, 0, 1), max: Date.UTC(2025, 0, 1) });
    fc.assert(
      fc.property(
        written,
        moment,
        fc.oneof(
          fc.integer({ min: 5_000, max: 90_000 }).map((minutes) => `${minutes}m`),
          fc.constantFrom('week', 'month'),
        ),
        moment,
        fc.boolean(),
        (write, from, size, at, isOfWindow) => {
          const input = { isOfWindow, until: NOON, ...(isOfWindow ? { windowFrom: String(write(from)) } : {}) };
          const slices = slicesOf({ by: 'window', size, from: write(from) }, input);
          const value = cursorInstant(String(write(at))) ?? 0;
          const [first] = slices;
          if (value <= (cursorInstant(String(write(from))) ?? 0)) return isOfWindow || slices.length === 1 || first?.from === undefined;
          const inside = (bound: string | number | undefined, missing: number) => (bound === undefined ? missing : (cursorInstant(String(bound)) ?? 0));
          return slices.some(({ from: start, to }) => inside(start, 0) < value && value < inside(to, Infinity));
        },
      ),
      { numRuns: 100 },
    );
  });
});

describe('slices by ids', () => {
  it('are counted to an end, and the last has none', () => {
    assert.deepEqual(slicesOf({ by: 'ids', from: 100, to: 350, size: 100 }), [{ to: 200 }, { from: 199, to: 300 }, { from: 299 }]);
  });

  it('are read until they are empty, and then what is left is read as one', () => {
    const plan = planSlices({ by: 'ids', from: 0, size: 10 }, { isOfWindow: false, until: NOON });
    assert.deepEqual(
      read(plan, 2, (slice) => (Number(slice.to) <= 30 ? 1 : 0)),
      [{ to: 10 }, { from: 9, to: 20 }, { from: 19, to: 30 }, { from: 29, to: 40 }, { from: 39, to: 50 }, { from: 49 }],
    );
  });
});

it('slices by list are the values', () => {
  assert.deepEqual(slicesOf({ by: 'list', values: ['EU', 3, false] }), [{ value: 'EU' }, { value: 3 }, { value: false }]);
});

describe('the progress of a sliced read', () => {
  it('after any pages, read on in any order and through JSON, begins each slice once and ends when all are read', () => {
    const pages = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(pages, fc.integer({ min: 1, max: 5 }), fc.infiniteStream(fc.nat()), (lengths, parallel, choices) => {
        const plan = planSlices({ by: 'list', values: lengths.map((_, index) => index) }, { isOfWindow: false, until: NOON });
        const met: string[] = [];
        let progress = beginSlices(plan, parallel, NOON);
        while (progress.open.length > 0) {
          assert.ok(progress.open.length <= parallel);
          const { value: choice } = choices.next();
          const slice = progress.open[(choice ?? 0) % progress.open.length];
          assert.ok(slice !== undefined);
          const page = Number(slice.cursor ?? 0);
          met.push(`${slice.index}/${page}`);
          const next: Json | undefined = page + 1 < (lengths[slice.index] ?? 0) ? page + 1 : undefined;
          progress = JSON.parse(JSON.stringify(afterSlicePage(plan, parallel, progress, { index: slice.index, records: 1, next })));
        }
        assert.equal(new Set(met).size, met.length);
        assert.equal(
          met.length,
          lengths.reduce((sum, length) => sum + length, 0),
        );
      }),
    );
  });
});

/** The slices in the order in which they are begun, each with one page of so many records. */
function read(plan: SlicePlan, parallel: number, records: (slice: Slice) => number): readonly Slice[] {
  const met: Slice[] = [];
  let progress = beginSlices(plan, parallel, NOON);
  for (let [open] = progress.open; open !== undefined; [open] = progress.open) {
    const slice = open.isRest === true ? plan.rest(open.index) : plan.slice(open.index);
    met.push(slice);
    progress = afterSlicePage(plan, parallel, progress, { index: open.index, records: records(slice), next: undefined });
  }
  return met;
}
