import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FairQueue, type Party } from '../../http/fair-queue.ts';
import { weightOf } from '../../http/priority.ts';

const party = (name: string, priority: number): Party => ({ name, weight: weightOf(priority) });

/** Serves so many turns; all lines always have someone waiting. @returns turns by party */
function serve(queue: FairQueue<string>, parties: readonly Party[], turns: number): Readonly<Record<string, number>> {
  const served: Record<string, number> = {};
  for (let turn = 0; turn < turns; turn++) {
    for (const each of parties) if (queue.line(each).waiting.length === 0) queue.line(each).waiting.push(each.name);
    const { line } = queue.next(turn);
    assert.ok(line);
    const name = queue.serve(line, turn) ?? '';
    served[name] = (served[name] ?? 0) + 1;
  }
  return served;
}

describe('requests of several syncs', () => {
  it('go by priority: each step gets twice the turns of the next', () => {
    assert.deepEqual(serve(new FairQueue(), [party('a', 1), party('b', 2), party('c', 3)], 70), { a: 40, b: 20, c: 10 });
    assert.deepEqual(serve(new FairQueue(), [party('a', 3), party('b', 3), party('c', 3)], 30), { a: 10, b: 10, c: 10 });
    assert.deepEqual(serve(new FairQueue(), [party('a', 1), party('e', 5)], 170), { a: 160, e: 10 });
  });

  it('of one sync go in the order of asking', () => {
    const queue = new FairQueue<string>();
    const line = queue.line(party('a', 3));
    line.waiting.push('first', 'second');
    assert.equal(queue.serve(line, 0), 'first');
    assert.equal(queue.serve(line, 0), 'second');
    assert.equal(queue.size, 0);
  });

  it('that had nothing to send for a while have no turns saved up, and lose none by it', () => {
    const queue = new FairQueue<string>();
    const [a, b] = [party('a', 3), party('b', 3)];
    assert.deepEqual(serve(queue, [a], 1_000), { a: 1_000 });
    const { a: turnsOfA = 0, b: turnsOfB = 0 } = serve(queue, [a, b], 20);
    assert.ok(Math.abs(turnsOfA - turnsOfB) <= 2, `${turnsOfA} and ${turnsOfB}`);
  });

  it('that are held by their own pace or have enough in flight let the others pass', () => {
    const queue = new FairQueue<string>();
    const [a, b] = [queue.line(party('a', 1)), queue.line(party('b', 5))];
    a.waiting.push('a');
    b.waiting.push('b');
    a.setPace({ requestsPerSecond: 10 });
    a.pacer?.take(1_000);
    assert.deepEqual(queue.next(1_001), { line: b, waitMs: 0 });
    b.setPace({ concurrency: 1 });
    b.inFlight = 1;
    assert.deepEqual(queue.next(1_001), { line: undefined, waitMs: 74 });
    a.inFlight = 4;
    a.setPace({ concurrency: 4 });
    assert.deepEqual(queue.next(1_001), { line: undefined, waitMs: Number.POSITIVE_INFINITY });
  });
});
