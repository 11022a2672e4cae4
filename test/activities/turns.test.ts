import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Turns } from '../../activities/turns.ts';
import { compileExpression } from '../../engine/expression.ts';

test('a loop over records whose expressions take long lets others have their turn', async () => {
  const slow = compileExpression('$sum([1..100].($ * 2))');
  const turns = new Turns();
  let beats = 0;
  const heart = setInterval(() => (beats += 1), 10);
  const startedAt = performance.now();
  while (performance.now() - startedAt < 600) {
    const turn = turns.next();
    if (turn !== undefined) await turn;
    await slow.evaluate({});
  }
  clearInterval(heart);
  assert.ok(beats >= 2, `${beats} beats`);
});
