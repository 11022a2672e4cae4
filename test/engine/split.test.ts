import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { halveBatch } from '../../engine/split.ts';

describe('split', () => {
  it('the halves are the batch, in its order, as even as can be', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(), { minLength: 2 }), (ids) => {
        const halves = halveBatch('b_1', ids);
        assert.ok(halves !== undefined);
        const [first, second] = halves;
        assert.deepEqual([...first.ids, ...second.ids], ids);
        assert.ok(first.ids.length - second.ids.length <= 1 && second.ids.length >= 1);
        assert.deepEqual([first.batchLimit, second.batchLimit], [first.ids.length, second.ids.length]);
        assert.notEqual(first.group, second.group);
      }),
    );
  });

  it('one bad record stands alone after at most log2 of the size refusals, rounded up', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2_000 }), fc.nat(), (size, seed) => {
        const bad = seed % size;
        let ids = Array.from({ length: size }, (_, index) => index);
        let refusals = 0;
        for (let halves = halveBatch(`b${refusals}`, ids); halves !== undefined; halves = halveBatch(`b${refusals}`, ids)) {
          refusals += 1;
          ids = [...(halves.find((half) => half.ids.includes(bad))?.ids ?? [])];
        }
        assert.deepEqual(ids, [bad]);
        assert.ok(refusals <= Math.ceil(Math.log2(size)));
      }),
    );
  });

  it('a batch of one is not halved', () => {
    assert.equal(halveBatch('b', [1]), undefined);
    assert.equal(halveBatch('b', []), undefined);
  });
});
