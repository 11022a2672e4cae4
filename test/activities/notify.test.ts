import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AlertStage, LATER, REFUSED } from './alert-stage.ts';

const BOTH = '[{ on: run-failed, notify: [ops, pager] }]';

test('each channel is told once of the begin and once of the end, however often the step is repeated', async (context) => {
  const stage = await AlertStage.start(context, BOTH);
  await stage.run('completed');
  assert.deepEqual(stage.heard(), []);
  await stage.run('failed');
  await stage.again();
  assert.deepEqual(stage.heard(), ['ops opened r_2', 'pager opened r_2']);
  await stage.run('failed');
  await stage.run('cancelled');
  assert.deepEqual(stage.heard(), []);
  await stage.run('completed-with-rejections');
  await stage.again();
  assert.deepEqual(stage.heard(), ['ops resolved r_5', 'pager resolved r_5']);
  await stage.run('completed');
  await stage.run('failed');
  assert.deepEqual(stage.heard(), ['ops opened r_7', 'pager opened r_7']);
});

test('a channel that is down is soon told again, and the other one not twice', async (context) => {
  const stage = await AlertStage.start(context, BOTH);
  stage.answers.set('pager', LATER);
  await stage.run('failed');
  assert.deepEqual(await stage.send(), { again: 'soon' });
  stage.answers.clear();
  assert.deepEqual(await stage.send(), {});
  assert.deepEqual(stage.heard(), ['ops opened r_1', 'pager opened r_1', 'pager opened r_1', 'pager opened r_1']);
});

test('a channel that refuses is told later of the run that began it, and never of the end of what it does not know', async (context) => {
  const stage = await AlertStage.start(context, BOTH);
  stage.answers.set('ops', REFUSED);
  await stage.run('failed');
  assert.deepEqual(stage.heard(), ['ops opened r_1', 'pager opened r_1']);
  assert.deepEqual(await stage.send(), { again: 'later' });
  await stage.run('failed');
  assert.deepEqual(stage.heard(), ['ops opened r_1', 'ops opened r_1']);
  await stage.run('completed');
  assert.deepEqual(stage.heard(), ['pager resolved r_3']);
});

test('a notice that a channel refuses keeps back none of the later ones', async (context) => {
  const stage = await AlertStage.start(context, '[{ on: run-failed, notify: [ops] }, { on: run-finished, if: rejected > 1, notify: [ops] }]');
  stage.refused.add('r_1');
  await stage.run('completed-with-rejections', { rejected: 2 });
  assert.deepEqual(stage.heard(), ['ops opened r_1']);
  await stage.run('failed');
  assert.deepEqual(stage.heard(), ['ops opened r_1', 'ops opened r_2']);
  assert.deepEqual(await stage.send(), { again: 'later' });
  assert.deepEqual(stage.heard(), ['ops opened r_1']);
});

test('a run whose plan failed alerts by the definition as it is, and where that has mistakes by that of the run before', async (context) => {
  const stage = await AlertStage.start(context, BOTH);
  await stage.run('failed', { isPlanned: false });
  assert.deepEqual(stage.heard(), ['ops opened r_1', 'pager opened r_1']);
  await stage.run('completed');
  stage.heard();
  stage.isBroken = true;
  await stage.run('failed', { isPlanned: false });
  assert.deepEqual(stage.heard(), ['ops opened r_3', 'pager opened r_3']);
});

test('each rule has incidents of its own, and a rule that is gone ends with the next good run', async (context) => {
  const failed = '{ on: run-failed, notify: [ops] }';
  const stage = await AlertStage.start(
    context,
    `[${failed}, { on: run-finished, if: rejected > 1, notify: [pager] }, { on: run-finished, if: $number("x") > 1, notify: [ops] }]`,
  );
  await stage.run('completed-with-rejections', { rejected: 2 });
  assert.deepEqual(stage.heard(), ['pager opened r_1']);
  await stage.run('failed', { rejected: 0 });
  assert.deepEqual(stage.heard(), ['ops opened r_2']);
  stage.redefine('[{ on: run-failed, notify: [ops, pager] }]');
  await stage.run('completed', { rejected: 5 });
  assert.deepEqual(stage.heard(), ['ops resolved r_3', 'pager resolved r_3']);
});

test('drift is told of once while the latest comparison finds some', async (context) => {
  const stage = await AlertStage.start(context, '[{ on: drift-found, notify: [ops] }]');
  await stage.run('completed');
  await stage.compare('d_1', 2);
  await stage.run('completed');
  await stage.run('failed');
  assert.deepEqual(stage.heard(), ['ops opened r_2']);
  await stage.compare('d_2', 0);
  await stage.run('completed');
  assert.deepEqual(stage.heard(), ['ops resolved r_4']);
});

test('what fails and mends itself all the time is told of twice, and of its end when there was none for ten minutes', async (context) => {
  const stage = await AlertStage.start(context, '[{ on: run-failed, notify: [ops] }]');
  for (let n = 0; n < 6; n++) {
    await stage.run('failed');
    await stage.run('completed');
  }
  assert.deepEqual(stage.told.splice(0), ['ops opened r_1', 'ops resolved r_2', 'ops opened r_3']);
  assert.deepEqual(await stage.send(), { nextAt: stage.now + 600_000 });
  stage.now += 600_000;
  assert.deepEqual([await stage.send(), stage.heard()], [{}, ['ops resolved r_12']]);
  stage.now += 600_000;
  await stage.run('failed');
  await stage.run('completed');
  assert.deepEqual(stage.heard(), ['ops opened r_13', 'ops resolved r_14'], 'that is another one');
});

const QUIET = ', quiet: { from: "22:00", to: "07:00", timezone: Europe/Berlin, except: [credentials-refused] }';
const at = (time: string) => Date.parse(time);

test('a channel is told nothing in its quiet hours, and when they end what still holds, once; the others are told at once', async (context) => {
  const stage = await AlertStage.start(context, '[{ on: run-failed, notify: [ops, pager] }, { on: run-finished, if: rejected > 1, notify: [ops] }]', QUIET);
  stage.now = at('2026-03-28T20:00:00Z');
  await stage.run('failed');
  assert.deepEqual(stage.heard(), ['ops opened r_1', 'pager opened r_1']);
  // The night in which clocks are put forward.
  stage.now = at('2026-03-28T22:00:00Z');
  await stage.run('completed-with-rejections', { rejected: 2 });
  assert.deepEqual(stage.heard(), ['pager resolved r_2']);
  stage.now = at('2026-03-29T02:00:00Z');
  await stage.run('failed');
  await stage.run('completed-with-rejections', { rejected: 2 });
  assert.deepEqual(stage.heard(), ['pager opened r_3', 'pager resolved r_4']);
  assert.deepEqual(await stage.send(), { nextAt: at('2026-03-29T05:00:00Z') });
  stage.now = at('2026-03-29T05:00:00Z');
  assert.deepEqual(
    [await stage.send(), stage.heard()],
    [{}, ['ops opened r_2', 'ops resolved r_2']],
    'the end of the one, the begin of the other, and nothing of the one between',
  );
});

test('a rule that the quiet hours except is told in them', async (context) => {
  const stage = await AlertStage.start(context, '[{ on: run-failed, notify: [ops] }]', QUIET.replace('credentials-refused', 'run-failed'));
  stage.now = at('2026-03-28T22:00:00Z');
  await stage.run('failed');
  assert.deepEqual(stage.heard(), ['ops opened r_1']);
});

test('nobody is told of a muted sync before its time', async (context) => {
  const stage = await AlertStage.start(context, BOTH);
  await stage.ledger.muteAlerts({ scope: stage.scope, until: 5_000 });
  await stage.run('failed');
  assert.deepEqual([stage.heard(), await stage.send()], [[], { nextAt: 5_000 }]);
  stage.now = 5_000;
  assert.deepEqual([await stage.send(), stage.heard()], [{}, ['ops opened r_1', 'pager opened r_1']]);
});

test('a rule says how bad it is', async (context) => {
  const stage = await AlertStage.start(context, '[{ on: run-failed, severity: critical, notify: [pager] }]');
  await stage.run('failed');
  assert.equal(stage.notices[0]?.severity, 'critical');
});
