import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type Claimant, divideByWeight, divideWhole } from '../../engine/divide.ts';

const claimant = fc.record({ weight: fc.integer({ min: 1, max: 16 }), demand: fc.double({ min: 0, max: 1, noNaN: true }) });
const claimants = fc.array(claimant, { minLength: 1, maxLength: 6 });
const sum = (numbers: readonly number[]) => numbers.reduce((total, each) => total + each, 0);
const rounded = (parts: readonly number[]) => parts.map((part) => Math.round(part * 1_000) / 1_000);

describe('dividing by weight', () => {
  it('gives each its part of what is scarce', () => {
    const all = (weight: number): Claimant => ({ weight, demand: 1 });
    assert.deepEqual(rounded(divideByWeight([all(1)])), [1]);
    assert.deepEqual(rounded(divideByWeight([all(8), all(4), all(4)])), [0.5, 0.25, 0.25]);
    assert.deepEqual(rounded(divideByWeight([{ weight: 8, demand: 0.2 }, all(1), all(3)])), [0.2, 0.2, 0.6]);
  });

  it('divides what nobody demands, too', () => {
    const parts = divideByWeight([
      { weight: 1, demand: 0.1 },
      { weight: 1, demand: 0.3 },
    ]);
    assert.deepEqual(rounded(parts), [0.4, 0.6]);
  });

  it('divides all there is, and who gets less than it demands gets no less than its part by weight', () => {
    fc.assert(
      fc.property(claimants, (all) => {
        const parts = divideByWeight(all);
        assert.ok(Math.abs(sum(parts) - 1) < 1e-9);
        const weights = sum(all.map(({ weight }) => weight));
        for (const [index, { weight, demand }] of all.entries()) {
          const part = parts[index] ?? 0;
          assert.ok(part >= Math.min(demand, weight / weights) - 1e-9);
        }
      }),
    );
  });
});

describe('dividing what cannot be cut', () => {
  it('gives the odd one to who has had none for the longest time', () => {
    const one = (since: number) => ({ weight: 1, demand: 1, since });
    assert.deepEqual(divideWhole(4, [one(3), one(1), one(2)]), [1, 2, 1]);
    assert.deepEqual(divideWhole(1, [one(9), one(5)]), [0, 1]);
    assert.deepEqual(divideWhole(3, [{ ...one(1), weight: 0, demand: 0 }, one(2)]), [0, 3]);
  });

  it('gives away all there is and never more', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 64 }), claimants, (count, all) => {
        const parts = divideWhole(
          count,
          all.map((each, since) => ({ ...each, since })),
        );
        assert.ok(parts.every((part) => Number.isInteger(part) && part >= 0));
        assert.equal(sum(parts), count);
      }),
    );
  });
});
