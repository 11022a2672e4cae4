import assert from 'node:assert/strict';
import { test } from 'node:test';
import { noticeText } from '../../engine/notice.ts';
import { AlertStage } from './alert-stage.ts';

const HOUR_MS = 3_600_000;
const NO_SUCCESS = '[{ on: no-success, for: 3h, notify: [ops] }]';
const PAUSED = { createdAt: 1_000, isPaused: true };
const AUDITED = { user: 'somebody', host: 'here', project: 'acme', profile: 'dev', sync: 'people', details: {} } as const;

test('a sync whose last good run is long ago is told of once without any run, and its next good run ends that', async (context) => {
  const stage = await AlertStage.start(context, NO_SUCCESS);
  await stage.run('completed');
  stage.now += 3 * HOUR_MS - 1;
  await stage.watch();
  assert.deepEqual([stage.heard(), stage.wakes], [[], []]);
  stage.now += 1;
  await stage.watch();
  await stage.watch();
  assert.deepEqual([stage.heard(), stage.wakes], [['ops opened'], []]);
  const text =
    'people (acme, dev): No run of it has gone well since 1970-01-01 00:00 UTC, for longer than 3h. Since 1970-01-01 03:00 UTC. Next: syncline runs people --profile dev';
  assert.deepEqual(stage.notices.map(noticeText), [text]);
  await stage.run('failed');
  await stage.run('completed', { options: { keys: ['7'] } });
  await stage.watch();
  assert.deepEqual(stage.heard(), [], 'one record is no success of the sync');
  await stage.run('completed');
  assert.deepEqual(stage.heard(), ['ops resolved r_4']);
});

test('a sync that never had a good run is told of once its schedule is there for so long, or its first run', async (context) => {
  const stage = await AlertStage.start(context, NO_SUCCESS);
  stage.now = 10 * HOUR_MS;
  await stage.watch();
  assert.deepEqual(stage.heard(), [], 'it was never applied');
  stage.schedule = { createdAt: 8 * HOUR_MS, isPaused: false };
  await stage.watch();
  assert.deepEqual(stage.heard(), []);
  stage.now = 11 * HOUR_MS;
  await stage.watch();
  assert.deepEqual(stage.heard(), ['ops opened']);
  assert.match(stage.notices.map(noticeText).join(), /It has never had a run that went well, and is there since 1970-01-01 08:00 UTC, longer than 3h\./);

  const other = await AlertStage.start(context, NO_SUCCESS);
  await other.run('failed');
  other.now += 3 * HOUR_MS;
  await other.watch();
  assert.deepEqual(other.heard(), ['ops opened']);
});

test('a sync that a person has paused is not told of, and begins anew when it goes on; one that was paused as it failed is', async (context) => {
  const stage = await AlertStage.start(context, NO_SUCCESS);
  await stage.run('completed');
  stage.schedule = PAUSED;
  stage.now += 5 * HOUR_MS;
  await stage.ledger.appendAudit({ ...AUDITED, way: 'cli', at: stage.now, action: 'schedule.paused' });
  await stage.watch();
  assert.deepEqual(stage.heard(), []);
  stage.schedule = { ...PAUSED, isPaused: false };
  await stage.ledger.appendAudit({ ...AUDITED, way: 'cli', at: stage.now, action: 'schedule.resumed' });
  stage.now += 2 * HOUR_MS;
  await stage.watch();
  assert.deepEqual(stage.heard(), []);
  stage.schedule = PAUSED;
  await stage.ledger.appendAudit({ ...AUDITED, way: 'worker', at: stage.now, action: 'schedule.paused' });
  stage.now += HOUR_MS;
  await stage.watch();
  assert.deepEqual(stage.heard(), ['ops opened']);
});

test('definitions with mistakes keep nobody from being told: what the latest runs had is judged by', async (context) => {
  const stage = await AlertStage.start(context, NO_SUCCESS);
  await stage.run('completed');
  stage.isBroken = true;
  stage.now += 3 * HOUR_MS;
  await stage.watch();
  assert.deepEqual(stage.heard(), ['ops opened']);
});

test('what is open of a sync or a rule that is gone ends', async (context) => {
  const stage = await AlertStage.start(context, NO_SUCCESS);
  await stage.run('completed');
  stage.now += 3 * HOUR_MS;
  await stage.watch();
  stage.isGone = true;
  await stage.watch();
  assert.deepEqual(stage.heard(), ['ops opened', 'ops resolved']);
  assert.match(noticeText(stage.notices.at(-1) ?? assert.fail()), /^people \(acme, dev\) is well again: no-success: 3h is over since 1970-01-01 03:00 UTC\./);
});

test('deletes that wait for a person are told of while they do', async (context) => {
  const stage = await AlertStage.start(context, '[{ on: deletes-waiting, notify: [ops] }]');
  const id = await stage.begin();
  await stage.ledger.beginSweep({ runId: id, isComplete: true, scope: 'linked', canConfirm: true });
  await stage.watch();
  assert.deepEqual(stage.heard(), []);
  await stage.ledger.noteSweep(id, { state: 'waiting' });
  await stage.watch();
  assert.deepEqual(stage.heard(), ['ops opened r_1']);
  await stage.end('cancelled');
  assert.deepEqual(stage.heard(), ['ops resolved r_1']);
});

test('drift that a comparison of its own finds is told of without a run, and ends with a good one', async (context) => {
  const stage = await AlertStage.start(context, '[{ on: drift-found, notify: [ops] }]');
  await stage.run('completed');
  await stage.compare('d_1', 2);
  await stage.watch();
  assert.deepEqual(stage.heard(), ['ops opened']);
  await stage.compare('d_2', 0);
  await stage.watch();
  assert.deepEqual(stage.heard(), []);
  await stage.run('completed');
  assert.deepEqual(stage.heard(), ['ops resolved r_2']);
});
