import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { activityRetryDelay, requestRetryDelay } from '../../engine/retry-timing.ts';

const randomArbitrary = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

describe('retry timing', () => {
  it('the first pause of a request is 50 to 200 ms', () => {
    assert.equal(requestRetryDelay({ failures: 1, random: () => 0 }), 50);
    assert.equal(requestRetryDelay({ failures: 1, random: () => 0.999_999 }), 200);
  });

  it('pauses stay between the least and a ceiling that doubles up to the cap', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10_000 }), randomArbitrary, (failures, random) => {
        const delay = requestRetryDelay({ failures, random: () => random });
        assert.ok(delay >= 50 && delay <= Math.min(5_000, 200 * 2 ** (failures - 1)), `${delay}`);
        assert.ok(Number.isInteger(delay));
      }),
    );
  });

  it('the ceiling doubles with each failure', () => {
    const ceilings = [1, 2, 3, 4, 5, 6, 7].map((failures) => requestRetryDelay({ failures, random: () => 1 }));
    assert.deepEqual(ceilings, [200, 400, 800, 1_600, 3_200, 5_000, 5_000]);
  });

  it('pauses of an activity go from 1 s to 60 s', () => {
    assert.deepEqual(
      [1, 2, 3, 6, 7, 100, 10_000].map((failures) => activityRetryDelay(failures)),
      [1_000, 2_000, 4_000, 32_000, 60_000, 60_000, 60_000],
    );
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10_000 }), randomArbitrary, (failures, random) => {
        const whole = activityRetryDelay(failures);
        const delay = activityRetryDelay(failures, () => random);
        assert.ok(delay >= whole / 2 && delay <= whole);
      }),
    );
  });
});
