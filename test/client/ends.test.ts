import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTheme } from '../../client/output/theme.ts';
import { followCommand } from '../../client/reports/follow-command.ts';
import { renderReport } from '../../client/reports/render-report.ts';
import { restOfRun, restSentence } from '../../client/reports/rest-of-run.ts';
import { makeRunReport } from '../../client/reports/run-report.ts';
import { takeAwayBy } from '../../client/reports/take-away.ts';
import { absence } from '../../client/starting/print-sent.ts';
import { ZERO_TOTALS } from '../../engine/outcome.ts';
import type { Run, RunOptions } from '../../ledger/ledger.ts';

const scope = 'acme/dev/contacts';
const STOPPED: Run = {
  id: 'r_1',
  scope,
  trigger: 'manual',
  options: {},
  state: 'cancelled',
  phase: 'done',
  requestedAt: 0,
  startedAt: 0,
  endedAt: 1_000,
  window: {},
  control: { paused: false },
  waits: [],
  totals: { ...ZERO_TOTALS, read: 3, written: 1, created: 1 },
};

test('a record that a run did not see is missing in the source only where the run has read to its end', () => {
  for (const state of ['completed', 'completed-with-rejections'] as const)
    assert.deepEqual(absence({ state }), { words: 'the source has no such record', found: { found: false } });
  for (const state of ['failed', 'cancelled', 'abandoned'] as const)
    assert.deepEqual(absence({ state }), { words: 'not read: the run ended before that', found: {} });
});

test('what a run has left is taken by the next one only where the run did all that its sync says', () => {
  const commandOf = (options: RunOptions) => restOfRun({ scope, options }).command;
  assert.equal(commandOf({}), 'run contacts');
  assert.equal(commandOf({ full: true }), 'run contacts --full');
  assert.equal(commandOf({ limit: 3 }), 'run contacts --limit 3');
  assert.equal(commandOf({ keys: ['4711', 'a b'] }), "run contacts --key '4711,a b'");
  assert.equal(commandOf({ keys: ['Lovelace, Ada', '7'] }), `run contacts --key '"Lovelace, Ada",7'`);
  assert.equal(commandOf({ retry: true }), 'retry contacts');
  assert.equal(commandOf({ retry: true, keys: ['7'] }), 'retry contacts --key 7');
  assert.equal(commandOf({ adopt: true }), 'adopt contacts');
  assert.equal(commandOf({ window: { from: '2026-01-01 00:00', to: '2026-01-02' } }), "backfill contacts --from '2026-01-01 00:00' --to 2026-01-02");
  assert.equal(commandOf({ keys: Array.from({ length: 200 }, (_, index) => `${index}`) }), undefined);
  assert.deepEqual([commandOf({ plan: {} }), commandOf({ events: true })], [undefined, undefined]);
});

test('the end of a run says what takes its rest, with the command where there is one', () => {
  const sentence = (options: RunOptions) => restSentence({ scope, options }, (words) => `syncline ${words}`);
  assert.equal(sentence({ full: true }), 'what is left is taken by another run with --full: syncline run contacts --full');
  assert.equal(sentence({ plan: {} }), 'what is left is taken by another apply of the plan.');
  const books = (options: RunOptions) => {
    const parts = { rejections: [], maxRejectedPercent: 10, drift: undefined, shape: undefined, takeAway: takeAwayBy(undefined), url: undefined, now: 0 };
    const report = renderReport(makeRunReport({ run: { ...STOPPED, options }, ...parts }), { theme: createTheme(false), width: 120 });
    return /not sent any more; .+/.exec(report)?.[0];
  };
  assert.equal(books({}), 'not sent any more; the next run takes them');
  assert.equal(books({ full: true }), 'not sent any more; another run with --full takes them');
});

test('rejections above the limit are told as that', () => {
  const rejectedOf = (maxRejectedPercent: number) => {
    const parts = { rejections: [], maxRejectedPercent, drift: undefined, shape: undefined, takeAway: takeAwayBy(undefined), url: undefined, now: 0 };
    const totals = { ...ZERO_TOTALS, read: 37, written: 33, created: 33, rejected: 4 };
    const run = { ...STOPPED, state: 'completed-with-rejections', totals } as const;
    return /rejected +4 .+/.exec(renderReport(makeRunReport({ run, ...parts }), { theme: createTheme(false), width: 120 }))?.[0];
  };
  assert.equal(rejectedOf(10), 'rejected      4  10.8 %, more than the 10 % of guard.maxRejectedPercent');
  assert.equal(rejectedOf(11), 'rejected      4  10 %');
});

test('a run is followed by a command that starts no other one', () => {
  assert.equal(followCommand(STOPPED), 'run contacts');
  assert.equal(followCommand({ ...STOPPED, options: { window: { from: '2026-01-01', to: '2026-01-02' } } }), 'backfill contacts');
  assert.equal(followCommand({ ...STOPPED, options: { events: true } }), 'show r_1');
});

test('what is refused of the sync is told as that where it is not what the run itself met', () => {
  const titleOf = (rejected: number) => {
    const group = { reason: 'api-rejected', message: 'refused', count: 4, sampleKeys: ['1'] };
    const parts = { rejections: [group], maxRejectedPercent: 10, drift: undefined, shape: undefined, takeAway: takeAwayBy(undefined), url: undefined, now: 0 };
    const run = { ...STOPPED, totals: { ...ZERO_TOTALS, read: 40, rejected } };
    return /^Rejected.*$/m.exec(renderReport(makeRunReport({ run, ...parts }), { theme: createTheme(false), width: 120 }))?.[0];
  };
  assert.equal(titleOf(4), 'Rejected');
  assert.equal(titleOf(1), 'Rejected now, by all runs of contacts');
});
