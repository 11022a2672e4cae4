import assert from 'node:assert/strict';
import { test } from 'node:test';
import { noticeText } from '../../engine/notice.ts';
import { changed, RunDriver } from '../ledger/support/run-driver.ts';
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
  assert.match(noticeText(stage.notices.at(-1) ?? assert.fail()), /^people \(acme, dev\): no-success: 3h is over since 1970-01-01 03:00 UTC\. It began at/);
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
  assert.deepEqual(stage.heard(), ['ops resolved'], 'no run has gone well');
  assert.match(noticeText(stage.notices.at(-1) ?? assert.fail()), /^people \(acme, dev\): deletes-waiting is over since 1970-01-01 00:00 UTC\. It began at/);
});

test('writes whose answers were lost are told of with the command that lists them', async (context) => {
  const stage = await AlertStage.start(context, '[{ on: unknown-waiting, notify: [ops] }]');
  const run = new RunDriver(stage.ledger, { id: await stage.begin(), scope: stage.scope });
  await run.openSegment(0);
  await run.stage([changed('1', { kind: 'create' })]);
  const batch = await run.mustClaim();
  await run.lose(batch);
  await run.settle(await run.takeOver(batch.id, 'second'), ({ id }) => ({ changeId: id, outcome: 'held', reason: 'unknown', message: 'look there' }));
  await stage.watch();
  assert.match(stage.notices.map(noticeText).join(), /wait for somebody to decide \(syncline unknown list people\)\./);
});

test('deletes of a run of events are told of as well, also where a live run ends meanwhile', async (context) => {
  const stage = await AlertStage.start(context, '[{ on: deletes-waiting, notify: [ops] }]');
  const id = await stage.begin({ options: { events: true } });
  await stage.ledger.beginSweep({ runId: id, isComplete: false, scope: 'linked', canConfirm: true });
  await stage.ledger.noteSweep(id, { state: 'waiting' });
  await stage.watch();
  assert.deepEqual(stage.heard(), ['ops opened r_1']);
  await stage.run('completed');
  assert.deepEqual(stage.heard(), []);
  await stage.ledger.noteSweep(id, { state: 'denied' });
  await stage.watch();
  assert.deepEqual(stage.heard(), ['ops resolved']);
});

test('events that wait longer than they may are told of by no run, and a run that goes well meanwhile ends nothing', async (context) => {
  const stage = await AlertStage.start(context, '[{ on: events-waiting, for: 10m, notify: [ops] }]');
  const scope = 'acme/dev/people';
  await stage.ledger.acceptDelivery({
    connection: 'acme/dev/shop',
    deliveryId: 'one',
    receivedAt: stage.now,
    keepUntil: stage.now + HOUR_MS,
    events: [{ scope, key: '7', kind: 'changed' }],
  });
  stage.now += 599_999;
  await stage.watch();
  assert.deepEqual(stage.heard(), []);
  stage.now += 1;
  await stage.watch();
  assert.deepEqual(stage.heard(), ['ops opened']);
  assert.match(noticeText(stage.notices.at(-1) ?? assert.fail()), /1 event of webhooks waits to be done, the oldest since 1970-01-01 00:00 UTC\./);
  await stage.run('completed');
  assert.deepEqual(stage.heard(), []);
  const runId = await stage.begin({ options: { events: true } });
  const { due } = await stage.ledger.listDueEvents({ scope, limit: 10, settleMs: 0, at: stage.now });
  await stage.ledger.takeEvents({
    runId,
    segment: 0,
    events: due.map(({ key, ids }) => ({ key, ids, isLeftOut: true })),
    observedAt: stage.now,
    at: stage.now,
  });
  await stage.ledger.settleEvents({ runId, againAt: stage.now, at: stage.now });
  await stage.watch();
  assert.deepEqual(stage.heard(), ['ops resolved']);
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

const MINUTE_MS = 60_000;
const SLOW = '[{ on: slower-than-usual, by: 2x, atLeast: 5m, runs: 3, notify: [ops] }]';

/** Runs that went well and took so many minutes each, one after the other. */
async function took(stage: AlertStage, minutes: readonly number[], window = {}) {
  for (const length of minutes) {
    stage.now += MINUTE_MS;
    await stage.begin({ window });
    stage.now += length * MINUTE_MS;
    await stage.end('completed');
  }
}

test('a run that takes much longer than those before it is told of while it goes on, and ends with one that does not', async (context) => {
  const stage = await AlertStage.start(context, SLOW);
  await took(stage, [4, 10, 5, 6]);
  assert.deepEqual(stage.heard(), [], 'the second had too few before it');
  await stage.begin();
  stage.now += 12 * MINUTE_MS;
  await stage.watch();
  assert.deepEqual(stage.heard(), []);
  stage.now += 1_000;
  await stage.watch();
  await stage.watch();
  assert.deepEqual(stage.heard(), ['ops opened r_5']);
  assert.match(stage.notices.map(noticeText).join(), /Its run takes 12 min 1 s by now; usual is 6 min \(the median of the last 3 like it\)\./);
  await stage.end('completed');
  assert.deepEqual(stage.heard(), []);
  await took(stage, [6]);
  assert.deepEqual(stage.heard(), ['ops resolved r_6']);
});

test('runs of another kind, short ones and those that waited for a person are not slow', async (context) => {
  const stage = await AlertStage.start(context, SLOW);
  await took(stage, [1, 1, 1], { from: '2026-01-01' });
  await took(stage, [4.9], { from: '2026-01-01' });
  await took(stage, [60]);
  assert.deepEqual(stage.heard(), [], 'the first to read all there is');
  const paused = await stage.begin({ window: { from: '2026-01-01' } });
  await stage.ledger.appendAudit({ ...AUDITED, way: 'cli', at: stage.now, action: 'run.paused', runId: paused });
  stage.now += HOUR_MS;
  await stage.watch();
  await stage.end('completed');
  assert.deepEqual(stage.heard(), []);
  const asked = await stage.begin({ window: { from: '2026-01-01' } });
  await stage.ledger.noteSweep(asked, { state: 'done', due: 600, known: 1_000 });
  stage.now += HOUR_MS;
  await stage.end('completed');
  assert.deepEqual(stage.heard(), []);
  await took(stage, [60], { from: '2026-01-01' });
  assert.deepEqual(stage.heard(), ['ops opened r_8']);
});

test('a quota of which little is left is told of until there is clearly more, and one that the API calls spent', async (context) => {
  const stage = await AlertStage.start(context, '[{ on: quota-nearly-spent, left: 10%, notify: [ops] }]');
  stage.now = Date.UTC(2026, 0, 5, 12);
  const account = `acme/dev/${stage.connection}`;
  const use = (requests: number, perMs: number) =>
    stage.ledger.leaseLimits({
      ...{ account, holder: 'a', weight: 1, demand: 1, leaseMs: 1_000, at: stage.now },
      meters: [{ kind: 'quota', perMs, count: 1_000, held: 0, wanted: requests }],
    });
  await use(1_000, 10 * MINUTE_MS);
  await use(899, 24 * HOUR_MS);
  await stage.watch();
  assert.deepEqual(stage.heard(), []);
  stage.now += 12 * HOUR_MS;
  await use(1, 24 * HOUR_MS);
  await stage.watch();
  assert.deepEqual(stage.heard(), ['ops opened']);
  assert.match(stage.notices.map(noticeText).join(), /Of the 1000 requests that \w+ allows in 1 d, 100 are left \(10 %\)\./);
  stage.now += 13 * HOUR_MS;
  await stage.watch();
  assert.deepEqual(stage.heard(), ['ops resolved']);
  stage.now += HOUR_MS;
  await stage.ledger.blockAccount(account, { ms: HOUR_MS, reason: 'quota' }, stage.now);
  await stage.watch();
  assert.deepEqual(stage.heard(), ['ops opened']);
  assert.match(stage.notices.map(noticeText).at(-1) ?? '', /The quota of \w+ is spent until 2026-01-06 15:00 UTC\./);
});

test('credentials are told of some time before they expire: by the day that is written down, or by what the API said of the refresh token', async (context) => {
  const stage = await AlertStage.start(context, '[{ on: credentials-expiring, within: 7d, notify: [ops] }]');
  stage.now = Date.UTC(2026, 1, 20);
  await stage.watch();
  assert.deepEqual(stage.heard(), [], 'nobody knows');
  stage.authenticate({ type: 'bearer', token: '${secret:T}', expiresAt: '2026-03-01' });
  await stage.watch();
  assert.deepEqual(stage.heard(), []);
  stage.now = Date.UTC(2026, 1, 22, 1);
  await stage.watch();
  assert.deepEqual(stage.heard(), ['ops opened']);
  assert.match(stage.notices.map(noticeText).join(), /The credentials of \w+ expire at 2026-03-01 00:00 UTC, in 6 d 23 h: renew them\./);
  const oauth = { type: 'oauth2-refresh-token', tokenUrl: '/t', clientId: 'id', refreshToken: '${secret:R}', clientIn: 'body' } as const;
  const account = `acme/dev/${stage.connection}`;
  const keep = (refreshExpiresAt: number) =>
    stage.ledger.saveCredential(account, 'oauth2', { accessToken: 'a', renewAt: 0, settings: 's', refreshExpiresAt }, stage.now);
  stage.authenticate(oauth);
  await keep(stage.now + 8 * 24 * HOUR_MS);
  stage.now += HOUR_MS;
  await stage.watch();
  assert.deepEqual(stage.heard(), ['ops resolved']);
  stage.now += 12 * 24 * HOUR_MS;
  await stage.watch();
  assert.match(stage.notices.map(noticeText).at(-1) ?? '', /The credentials of \w+ have expired at 2026-03-02 01:00 UTC: renew them\./);
});
