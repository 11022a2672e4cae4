import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Client, Connection } from '@temporalio/client';
import { backfillLine, backfillLines, failedLines } from '../../client/backfilling/backfill-lines.ts';
import { backfillOfRest } from '../../client/backfilling/backfill-of-rest.ts';
import { openBackfillView } from '../../client/backfilling/backfill-views.ts';
import { followBackfill } from '../../client/backfilling/follow-backfill.ts';
import { Output } from '../../client/output/output.ts';
import { textWidth } from '../../client/output/text.ts';
import { createTheme } from '../../client/output/theme.ts';
import { ZERO_TOTALS } from '../../engine/outcome.ts';
import type { BackfillProgress } from '../../workflows/contract.ts';

const DAY_MS = 86_400_000;
const progress: BackfillProgress = {
  phase: 'running',
  paused: false,
  range: { from: '2026-01-01T00:00:00.000Z', to: '2026-06-02T00:00:00.000Z', sizeMs: DAY_MS },
  windows: 152,
  next: 49,
  done: 45,
  failedInARow: 0,
  failedCount: 0,
  failed: [],
  totals: ZERO_TOTALS,
  running: [{ from: '2026-02-15T00:00:00.000Z', to: '2026-02-16T00:00:00.000Z', runId: 'r_1ng1pphycr' }],
};
const snapshot = {
  sync: 'contacts',
  progress,
  totals: { ...ZERO_TOTALS, read: 12_300, updated: 500, written: 500, unchanged: 11_800 },
  now: 0,
  trouble: undefined,
};
const failure = { from: '2026-02-15', to: '2026-02-16', runId: 'r_1', code: 'REQUEST_REJECTED', because: 'An API refused a request.' } as const;

test('a backfill in one line: its windows, and what became of their records', () => {
  assert.equal(backfillLine(snapshot), '45 of 152 windows (29 %)  12,300 read, 500 updated, 11,800 unchanged');
  assert.match(backfillLine({ ...snapshot, progress: { ...progress, failedCount: 2 } }), /^45 of 152 windows \(29 %\), 2 failed {2}/);
});

test('in a terminal no line is wider than it, also where there is little room and colour', () => {
  const coloured = createTheme(true);
  for (const width of [30, 44, 80, 200])
    for (const line of backfillLines(snapshot, coloured, { width, spinner: '⠋' })) assert.ok(textWidth(line) <= width, `${width}: ${line}`);
  const [head] = backfillLines({ ...snapshot, trouble: 'waits for a worker' }, createTheme(false), { width: 100, spinner: '⠋' });
  assert.equal(head, '⏸ contacts  waits for a worker  2026-01-01T00:00:00.000Z to 2026-06-02T00:00:00.000Z');
});

test('one that nobody tells of says what it waits for, to whoever follows it', async () => {
  const connection = Connection.lazy({ address: '127.0.0.1:9' });
  await connection.close();
  const leaving = new AbortController();
  let said = '';
  const stderr = {
    write: (text: string) => {
      said += text;
      leaving.abort();
    },
  };
  const output = new Output({ stdout: { write: () => undefined }, stderr, isJson: false, isQuiet: false, isColorRefused: true, env: {} });
  const temporal = { client: new Client({ connection }), address: '', namespace: 'default', close: () => connection.close() };
  const ref = { project: 'acme', profile: 'dev', sync: 'contacts' };
  const ledger = { readRun: async () => undefined };
  const { end } = await followBackfill({ ledger, temporal, ref, view: openBackfillView(output), signal: leaving.signal });
  assert.deepEqual([end, said], ['left', 'the Temporal server does not answer\n']);
  const silent = { sync: 'contacts', progress: undefined, now: 0, trouble: 'waits for a worker' };
  assert.deepEqual(backfillLines(silent, createTheme(false), { width: 100, spinner: '⠋' }), ['⏸ contacts  waits for a worker']);
});

test('windows that failed are named, the first of them', () => {
  const plain = createTheme(false);
  assert.deepEqual(failedLines({ failed: [failure], failedCount: 1 }, plain), ['  ✗ from 2026-02-15  An API refused a request.  r_1']);
  assert.equal(failedLines({ failed: Array.from({ length: 20 }, () => failure), failedCount: 31 }, plain).at(-1), '  and 26 more windows');
});

test('what a backfill has left begins with the earliest window that failed, in windows as long as its own', () => {
  const rest = (more: Partial<BackfillProgress>) => backfillOfRest('contacts', { ...progress, phase: 'done', ...more });
  const range = { from: '2026-01-01 00:00', to: '2026-03-01 00:00', sizeMs: 6 * 3_600_000 };
  const failed = ['2026-02-15 00:00', '2026-02-03 06:00', '2026-02-20 00:00'].map((from) => ({ ...failure, from }));
  assert.equal(rest({ range, failed, failedCount: 3 }), "backfill contacts --from '2026-02-03 06:00' --to '2026-03-01 00:00' --partition 6h");
  const whole = "backfill contacts --from '2026-01-01 00:00' --to '2026-03-01 00:00' --partition 6h";
  assert.equal(rest({ range, failed, failedCount: 21 }), whole, 'not all that failed are named');
  assert.equal(rest({ range, failed, failedCount: 3, phase: 'cancelled' }), whole, 'what was being read is left, too');
});
