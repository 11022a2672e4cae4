import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type AlertRule, alertRuleName, judgeRunEnd, type RunAlertEvent, type RunEnd, watchEveryMs } from '../../engine/alerts.ts';
import { ExpressionError } from '../../engine/expression-error.ts';
import { type Notice, noticeText } from '../../engine/notice.ts';
import { type RunTotals, ZERO_TOTALS } from '../../engine/outcome.ts';
import type { RunState } from '../../engine/run.ts';

const FAILED = { on: 'run-failed', notify: ['ops'] } as const;
const MANY = { on: 'run-finished', if: 'read > 0 and rejected / read > 0.02', notify: ['ops'] } as const;
const judge = (rule: Parameters<typeof judgeRunEnd>[0], state: RunState, totals: Partial<RunTotals> = {}) =>
  judgeRunEnd(rule, { state, totals: { ...ZERO_TOTALS, ...totals } });

test('a failed run opens, one that goes well closes, and one that was cancelled tells nothing', async () => {
  for (const state of ['failed', 'books-open', 'abandoned'] as const) assert.equal(await judge(FAILED, state), 'opens', state);
  for (const state of ['completed', 'completed-with-rejections'] as const) assert.equal(await judge(FAILED, state), 'closes', state);
  for (const state of ['cancelled', 'running'] as const) assert.equal(await judge(FAILED, state), 'stays', state);
});

test('a condition is judged by the counters of runs that ended well, and a failed one tells nothing of it', async () => {
  assert.equal(await judge(MANY, 'completed-with-rejections', { read: 100, rejected: 3 }), 'opens');
  assert.equal(await judge(MANY, 'completed-with-rejections', { read: 100, rejected: 2 }), 'closes');
  assert.equal(await judge(MANY, 'completed'), 'closes');
  assert.equal(await judge(MANY, 'failed', { read: 100, rejected: 50 }), 'stays');
});

test('a condition narrows a rule about failed runs, and one that cannot be evaluated is an error', async () => {
  const early = { ...FAILED, if: 'written = 0' };
  assert.deepEqual([await judge(early, 'failed'), await judge(early, 'failed', { written: 1 }), await judge(early, 'completed')], ['opens', 'stays', 'closes']);
  await assert.rejects(judge({ ...MANY, if: 'read > "many"' }, 'completed'), ExpressionError);
});

test('refused credentials are a rule of their own, which ends with a good run', async () => {
  const on = (event: RunAlertEvent, state: RunState, more: Partial<RunEnd> = {}) => judgeRunEnd({ on: event }, { state, totals: ZERO_TOTALS, ...more });
  assert.equal(await on('credentials-refused', 'failed', { code: 'CREDENTIALS_REJECTED' }), 'opens');
  assert.equal(await on('credentials-refused', 'failed', { code: 'RATE_LIMITED' }), 'stays');
  assert.equal(await on('credentials-refused', 'completed'), 'closes');
});

test('the rules are looked at as often as the shortest of their times asks for, and not at all where only the ends of runs count', () => {
  const noSuccess = (time: string): AlertRule => ({ on: 'no-success', for: time, notify: ['ops'] });
  assert.equal(watchEveryMs([FAILED, MANY]), undefined);
  assert.equal(watchEveryMs([FAILED, noSuccess('3h')]), 900_000);
  assert.equal(watchEveryMs([noSuccess('3h'), noSuccess('65m')]), 360_000);
  assert.equal(watchEveryMs([noSuccess('1m')]), 60_000);
});

test('rules are told apart by what they are about', () => {
  assert.deepEqual([alertRuleName(FAILED), alertRuleName({ on: 'run-finished', if: 'held > 0' })], ['run-failed', 'run-finished: held > 0']);
});

test('a message is one sentence with the sync, what, since when, the run and the next command', () => {
  const at = Date.UTC(2026, 0, 31, 9, 5, 7);
  const notice: Notice = {
    ...{ project: 'acme', profile: 'prod', sync: 'contacts', event: 'opened', incident: 'i_1', rule: 'run-failed', runId: 'r_1', at, since: at },
    what: 'Its run failed (RATE_LIMITED): Waiting.',
  };
  const begin = 'contacts (acme, prod): Its run failed (RATE_LIMITED): Waiting. Since 2026-01-31 09:05 UTC, run r_1. Next: syncline show r_1 --profile prod';
  assert.equal(noticeText(notice), begin);
  const end = noticeText({ ...notice, event: 'resolved', runId: 'r_2', at: at + 3_600_000 });
  assert.equal(
    end,
    'contacts (acme, prod): run-failed is over since 2026-01-31 10:05 UTC, as run r_2 went well. It began at 2026-01-31 09:05 UTC. See: syncline show r_2 --profile prod',
  );
});
