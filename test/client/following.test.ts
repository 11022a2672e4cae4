import assert from 'node:assert/strict';
import { test } from 'node:test';
import { renderLive } from '../../client/following/live-view.ts';
import { PlainView, renderPlain } from '../../client/following/plain-view.ts';
import { RateMeter } from '../../client/following/rate-meter.ts';
import type { RunSnapshot } from '../../client/following/run-snapshot.ts';
import { Output } from '../../client/output/output.ts';
import { progressBar } from '../../client/output/progress-bar.ts';
import { textWidth } from '../../client/output/text.ts';
import { createTheme } from '../../client/output/theme.ts';
import { type RunTotals, ZERO_TOTALS } from '../../engine/outcome.ts';
import type { Run } from '../../ledger/ledger.ts';

const plain = createTheme(false);
const START = 1_000_000;

function snapshot(totals: Partial<RunTotals>, more: { readonly run?: Partial<Run>; readonly now?: number; readonly perSecond?: number } = {}): RunSnapshot {
  const run: Run = {
    id: 'r_0123456789',
    scope: 'acme/dev/contacts',
    trigger: 'manual',
    options: {},
    state: 'running',
    phase: 'syncing',
    requestedAt: START,
    startedAt: START,
    window: {},
    control: { paused: false },
    waits: [],
    totals: { ...ZERO_TOTALS, ...totals },
    ...more.run,
  };
  return { run, sync: 'contacts', now: more.now ?? START + 12_000, perSecond: more.perSecond, trouble: undefined, retry: undefined };
}

test('the bar is exact to an eighth of a column', () => {
  assert.equal(progressBar(0, 4, plain), '░░░░');
  assert.equal(progressBar(1 / 32, 4, plain), '▏░░░');
  assert.equal(progressBar(0.5, 4, plain), '██░░');
  assert.equal(progressBar(1, 4, plain), '████');
  assert.equal(progressBar(7, 4, plain), '████');
});

test('the live view shows done of all, speed, what is left, outcomes, and each wait with its reason', () => {
  const lines = renderLive(
    snapshot(
      { read: 2_250, expected: 5_000, written: 2_200, created: 2_200, rejected: 50, requests: 30 },
      { perSecond: 110, run: { waits: [{ side: 'target', reason: 'hubspot allows 10 requests/s', untilMs: START + 24_000 }] } },
    ),
    { noteTheme: plain, width: 100 },
    '⠋',
  );
  assert.deepEqual(lines, [
    '⠋ contacts  syncing  r_0123456789  12 s',
    '  █████████████▌░░░░░░░░░░░░░░░░  2,250 of 5,000  45 %  110/s  about 25 s left',
    '  2,200 created · 50 rejected',
    '  target: waiting 12 s: hubspot allows 10 requests/s',
  ]);
});

test('no line of the live view is wider than the terminal: a wrapped one could not be drawn over', () => {
  const waits = [{ side: 'target' as const, reason: 'a very long reason '.repeat(20), untilMs: START + 60_000 }];
  for (const width of [50, 60, 80, 120]) {
    const lines = renderLive(
      snapshot({ read: 2_250, expected: 5_000, written: 2_200, created: 2_200, rejected: 50 }, { perSecond: 110, run: { waits } }),
      { noteTheme: plain, width },
      '⠋',
    );
    for (const line of lines) assert.ok(textWidth(line) <= width, `${width}: ${line}`);
  }
});

test('a wait that is over, and a total that nobody knows, are not shown', () => {
  const lines = renderPlain(
    snapshot({ read: 30, written: 12, updated: 12 }, { run: { waits: [{ side: 'source', reason: 'asked to wait', untilMs: START }] } }),
  );
  assert.deepEqual(lines, ['syncing          12 records  12 updated']);
});

test('a paused run says so, and one that nobody works on', () => {
  assert.match(renderPlain(snapshot({}, { run: { state: 'paused' } }))[0] ?? '', /^paused$/);
  assert.match(renderPlain({ ...snapshot({}), trouble: { kind: 'no-worker' } })[0] ?? '', /^waiting for a worker$/);
  const idle = { kind: 'no-worker-of-queue', queue: 'datacenter', connection: 'erp' } as const;
  assert.match(renderPlain({ ...snapshot({}), trouble: idle })[0] ?? '', /^waiting for a worker of the task queue datacenter$/);
  const ofBuild = { kind: 'no-worker-of-build', buildId: '1', isPinned: true, alive: ['2'] } as const;
  assert.match(renderPlain({ ...snapshot({}), trouble: ofBuild })[0] ?? '', /^waiting for a worker of build 1$/);
});

test('a step that is tried again says why, where the ledger knows no wait', () => {
  const lines = renderPlain({ ...snapshot({}), retry: { attempt: 3, message: 'An API cannot be reached.' } });
  assert.equal(lines[1]?.trim(), 'trying again, attempt 3: An API cannot be reached.');
});

test('without a terminal there is one line for each change, at most every two seconds', () => {
  const written: string[] = [];
  const stream = { write: (text: string) => written.push(text) };
  const view = new PlainView(new Output({ stdout: stream, stderr: stream, isJson: false, isQuiet: false, isColorRefused: false, env: {} }));
  view.update(snapshot({ written: 1, updated: 1 }, { now: START }));
  view.update(snapshot({ written: 2, updated: 2 }, { now: START + 1_000 }));
  view.update(snapshot({ written: 3, updated: 3 }, { now: START + 2_000 }));
  view.update(snapshot({ written: 3, updated: 3 }, { now: START + 9_000 }));
  view.update(snapshot({ written: 4, updated: 4 }, { now: START + 9_250 }));
  assert.deepEqual(
    written.map((line) => /(\d+) records/.exec(line)?.[1]),
    ['1', '3', '4'],
  );
});

test('the speed is that of the last seconds, not of the whole run', () => {
  const rate = new RateMeter(5_000);
  assert.equal(rate.add(0, 0), undefined);
  assert.equal(rate.add(500, 10), undefined);
  assert.equal(rate.add(1_000, 20), 20);
  for (let second = 2; second <= 20; second++) rate.add(second * 1_000, 20);
  assert.equal(rate.add(21_000, 20), 0);
});

test('what a run takes from the target is told while it does', () => {
  const sweeping = snapshot({ read: 3, unchanged: 3, deletesDue: 4, deleted: 2, deletesRejected: 1 }, { run: { phase: 'sweeping' } });
  assert.deepEqual(renderPlain(sweeping), ['looking for what has gone  3 records  3 unchanged, 2 deleted, 1 not deleted']);
  assert.match(renderLive(sweeping, { noteTheme: plain, width: 100 }, '⠋').join('\n'), /3 unchanged · 2 deleted · 1 not deleted/);
});
