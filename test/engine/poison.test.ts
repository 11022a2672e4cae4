import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { judgeFailing, judgeLost } from '../../engine/poison.ts';

const failing = { records: 100, requests: 3, othersPassed: true, left: undefined };

describe('a batch that the target keeps failing on', () => {
  it('is halved once others pass and it has failed three times', () => {
    assert.equal(judgeFailing(failing), 'halve');
    assert.equal(judgeFailing({ ...failing, requests: 2 }), 'repeat');
  });

  it('is repeated while nothing passes and more is left: then it is the target', () => {
    for (const left of [undefined, 20_000]) assert.equal(judgeFailing({ ...failing, othersPassed: false, requests: 50, left }), 'repeat');
  });

  it('is halved where it is all that is left', () => {
    assert.equal(judgeFailing({ ...failing, othersPassed: false, requests: 6, left: 100 }), 'halve');
    assert.equal(judgeFailing({ ...failing, othersPassed: false, requests: 5, left: 100 }), 'repeat');
  });

  it('of one record is set aside after six requests, where others pass or only a few are left', () => {
    const single = { ...failing, records: 1, requests: 6 };
    assert.equal(judgeFailing(single), 'single-out');
    assert.equal(judgeFailing({ ...single, othersPassed: false, left: 10 }), 'single-out');
    assert.equal(judgeFailing({ ...single, othersPassed: false, left: 11 }), 'repeat');
    assert.equal(judgeFailing({ ...single, requests: 5 }), 'repeat');
  });

  it('never blames a record before it stands alone, nor while a whole target fails', () => {
    const anyBatch = fc.record({ records: fc.integer({ min: 1, max: 500 }), requests: fc.integer({ min: 1, max: 99 }) });
    fc.assert(
      fc.property(anyBatch, fc.boolean(), fc.option(fc.integer({ min: 1, max: 50_000 }), { nil: undefined }), (batch, othersPassed, left) => {
        const verdict = judgeFailing({ ...batch, othersPassed, left });
        assert.ok(verdict !== 'single-out' || batch.records === 1);
        assert.ok(verdict !== 'halve' || batch.records > 1);
        if (!othersPassed && (left === undefined || left > 200)) assert.equal(verdict, 'repeat');
      }),
    );
  });
});

describe('creates whose answers are lost again and again', () => {
  it('are halved at the second loss, and alone set aside at the fourth', () => {
    assert.deepEqual([judgeLost({ records: 100, lostBefore: 0 }), judgeLost({ records: 100, lostBefore: 1 })], ['repeat', 'halve']);
    assert.deepEqual([judgeLost({ records: 1, lostBefore: 2 }), judgeLost({ records: 1, lostBefore: 3 })], ['repeat', 'single-out']);
  });
});
