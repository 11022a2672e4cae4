import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { EMPTY_TRAIL, followCursor, trailOf } from '../../engine/cursor-guard.ts';

describe('cursor guard', () => {
  it('lets cursors pass that are all different, however many', () => {
    let trail = EMPTY_TRAIL;
    for (let page = 0; page < 5_000; page++) {
      const step = followCursor(trail, `c${page}`);
      assert.equal(step.isRepeat, false);
      trail = step.trail;
    }
    assert.ok(trail.recent.length <= 256);
  });

  it('notices a cursor that comes again, at once', () => {
    assert.equal(followCursor(trailOf(['a']), 'a').isRepeat, true);
    assert.equal(followCursor(trailOf(['a', 'b', 'c']), 'a').isRepeat, true);
    assert.equal(followCursor(trailOf(['a', 'b', 'c']), 'd').isRepeat, false);
  });

  it('notices every circle, a long one before it was read three times', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_500 }), fc.integer({ min: 0, max: 500 }), (length, lead) => {
        let trail = EMPTY_TRAIL;
        for (let page = 0; page < lead + 3 * Math.max(length, lead) + 1; page++) {
          const step = followCursor(trail, page < lead ? `lead${page}` : `circle${(page - lead) % length}`);
          if (step.isRepeat) {
            if (length <= 256) assert.equal(page, lead + length);
            return;
          }
          trail = step.trail;
        }
        assert.fail('not noticed');
      }),
      { numRuns: 60 },
    );
  });

  it('survives being kept as JSON', () => {
    const kept: typeof EMPTY_TRAIL = JSON.parse(JSON.stringify(trailOf(['a', 'b'])));
    assert.equal(followCursor(kept, 'b').isRepeat, true);
  });
});
