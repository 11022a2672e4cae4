import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { closeBooks, rejectedPercent, runOutcome } from '../../engine/books.ts';
import type { RunTotals } from '../../engine/outcome.ts';
import { ZERO_TOTALS } from '../../engine/outcome.ts';

const totals = (some: Partial<RunTotals>): RunTotals => ({ ...ZERO_TOTALS, ...some });
const ended = (some: Partial<RunTotals>, more: Partial<Parameters<typeof runOutcome>[0]> = {}) =>
  runOutcome({ totals: totals(some), isReadComplete: true, isCancelled: false, hasFailed: false, ...more });

describe('books', () => {
  it('close where every record taken has one outcome, for any counts', () => {
    const count = fc.nat({ max: 1_000_000 });
    fc.assert(
      fc.property(
        fc.tuple(count, count, count, count, count, count),
        fc.nat({ max: 1_000 }),
        fc.integer({ min: -5, max: 5 }),
        ([written, unchanged, superseded, skipped, rejected, held], retried, off) => {
          const sum = written + unchanged + superseded + skipped + rejected + held;
          const books = closeBooks(
            totals({
              written,
              unchanged,
              superseded,
              skipped,
              rejected,
              held,
              read: sum - retried + off,
              retriedFromEarlier: retried,
              seenAgain: 3,
              created: written,
            }),
          );
          assert.deepEqual(books, { closes: off === 0, taken: sum + off, sum, difference: off });
        },
      ),
    );
  });

  it('do not close where more was created and updated than written', () => {
    assert.equal(closeBooks(totals({ read: 2, written: 2, created: 1, updated: 2 })).closes, false);
  });

  it('a run is green only when its sums close and nothing was left unread', () => {
    assert.equal(ended({}), 'completed');
    assert.equal(ended({ read: 2, written: 1, unchanged: 1 }), 'completed');
    assert.equal(ended({ read: 2, written: 1 }), 'books-open');
    assert.equal(ended({ read: 1, written: 1 }, { isReadComplete: false }), 'books-open');
  });

  it('rejected or held records show in its state', () => {
    assert.equal(ended({ read: 2, written: 1, rejected: 1 }), 'completed-with-rejections');
    assert.equal(ended({ read: 2, written: 1, held: 1 }), 'completed-with-rejections');
  });

  it('a failure or a cancellation is named before open books', () => {
    assert.equal(ended({ read: 2 }, { hasFailed: true, isCancelled: true, isReadComplete: false }), 'failed');
    assert.equal(ended({ read: 2 }, { isCancelled: true, isReadComplete: false }), 'cancelled');
  });

  it('tells the share of rejected records', () => {
    assert.equal(rejectedPercent(ZERO_TOTALS), 0);
    assert.equal(rejectedPercent(totals({ read: 3, retriedFromEarlier: 1, rejected: 1, written: 3 })), 25);
  });
});
