import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { passedGuard, reasonNotToSweep } from '../../engine/sweep.ts';

describe('the guard of deletes', () => {
  const guard = { maxDeletes: 500, maxDeletedPercent: 5 };

  it('lets few go, and names the bound that many pass', () => {
    assert.equal(passedGuard({ due: 0, known: 0 }, guard), undefined);
    assert.equal(passedGuard({ due: 50, known: 1_000 }, guard), undefined);
    assert.equal(passedGuard({ due: 51, known: 1_000 }, guard), 'guard.maxDeletedPercent is 5');
    assert.equal(passedGuard({ due: 501, known: 100_000 }, guard), 'guard.maxDeletes is 500');
  });

  it('of nothing lets nothing go', () => {
    assert.equal(passedGuard({ due: 1, known: 100 }, { maxDeletes: 0, maxDeletedPercent: 100 }), 'guard.maxDeletes is 0');
  });
});

describe('a run that may not conclude from what it did not read', () => {
  const whole = { isPart: false, isComplete: true, records: 10, known: 10 };

  it('is one that read a part, did not reach the end, or found nothing where there was something', () => {
    assert.equal(reasonNotToSweep(whole), undefined);
    assert.equal(reasonNotToSweep({ ...whole, isPart: true }), 'part-read');
    assert.equal(reasonNotToSweep({ ...whole, isComplete: false }), 'read-incomplete');
    assert.equal(reasonNotToSweep({ ...whole, records: 0 }), 'source-empty');
    assert.equal(reasonNotToSweep({ ...whole, records: 0, known: 0 }), undefined);
  });
});
