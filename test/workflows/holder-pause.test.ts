import assert from 'node:assert/strict';
import { test } from 'node:test';
import { holderPauseMs } from '../../workflows/holder-pause.ts';

/** Of one look: a child that is refused, a timer, and their workflow tasks. */
const EVENTS_PER_LOOK = 11;
/** The server ends a workflow with more. */
const MOST_EVENTS = 51_200;
const DAY_MS = 86_400_000;

/** @returns when it is looked for the holder, from the beginning of the wait */
function looks(untilMs: number): number[] {
  const times = [0];
  for (let at = 0; at < untilMs; times.push(at)) at += holderPauseMs(at);
  return times;
}

test('the end of a run that is waited for is found within a tenth of the wait, or 5 seconds, or at the latest after 10 minutes', () => {
  for (const waitedMs of looks(DAY_MS)) assert.ok(holderPauseMs(waitedMs) <= Math.min(Math.max(5_000, waitedMs / 10), 600_000), `after ${waitedMs} ms`);
});

test('a wait of four weeks fits the history of a workflow', () => {
  assert.ok(looks(28 * DAY_MS).length * EVENTS_PER_LOOK < MOST_EVENTS, `${looks(28 * DAY_MS).length} looks`);
});
