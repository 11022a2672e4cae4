import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Dice } from '../crash/seeded.ts';
import { Deliverer } from '../support/deliverer.ts';
import { Project } from '../support/project.ts';
import { Sender } from '../support/sender.ts';
import { HOOK_SECRET, TellingApi, tellingProject } from '../support/telling-api.ts';
import { until } from '../support/until.ts';

const IS_LONG = process.env['SYNCLINE_TEST_LONG'] === '1';
const MIRROR = { target: ', mode: mirror', sync: 'guard: { maxDeletes: 100000, maxDeletedPercent: 100 }' };

async function begin(context: TestContext, people: number, more: Parameters<typeof tellingProject>[1] = {}) {
  const api = await TellingApi.start(people);
  const project = await Project.create(tellingProject(api.url, more), { TELLING_SECRET: HOOK_SECRET });
  const events = await Deliverer.open(project, 'people');
  context.after(async () => {
    await events.close();
    await project.stop();
    await api.stop();
  });
  const worker = await project.startWorker();
  const done = () => until('all events to be done', async () => (await events.open()) === 0);
  return { api, project, worker, events, done };
}

describe('events', () => {
  it('of few records cost few reads and fewer signals, however many come', async (context) => {
    const { api, project, events, done } = await begin(context, 100);
    const many = Array.from({ length: IS_LONG ? 10_000 : 1_000 }, (_, n) => String(1 + (n % 100)));
    for (let from = 0; from < many.length; from += 50) {
      await Promise.all(many.slice(from, from + 50).map((key) => events.deliver([{ key }])));
    }
    await done();
    assert.ok(api.isReflected);
    // Each is read at once, and once more for what came after that; a third time where the machine was so slow that it had long been read.
    context.diagnostic(`${many.length} events of 100 records: ${api.readCount} reads, ${events.signals} signals`);
    assert.ok(api.readCount <= 400 && events.signals <= 40, `${api.readCount} reads, ${events.signals} signals`);
    assert.deepEqual(api.mistakes, []);
    const { stdout } = await project.cli('runs', 'people');
    assert.match(stdout, / events /);
  });

  it('wait while the source or the target is down, and are paused and resumed', async (context) => {
    const { api, project, events, done } = await begin(context, 3);
    api.isDown = 'source';
    await events.deliver([{ key: '1' }]);
    await until('the source to be asked', () => api.readCount > 0 || api.reads.size === 0);
    await sleep(500);
    api.isDown = 'target';
    await until('the source to be read', () => api.readCount > 0);
    assert.match((await project.cli('status')).stdout, /people: 1 event open, the oldest/);
    api.isDown = undefined;
    await done();
    assert.equal(api.contactOf(1)?.version, 1);
    const paused = await project.cli('pause', 'people', '--events', '--yes');
    assert.match(paused.stdout, /The events of people are paused/, paused.stderr);
    await until('the run to be paused', async () => /events are paused/.test((await project.cli('status')).stdout));
    await events.deliver([{ key: '2' }]);
    await sleep(1_000);
    assert.equal(api.contactOf(2), undefined);
    assert.match((await project.cli('resume', 'people', '--events', '--yes')).stdout, /go on/);
    await done();
    assert.equal(api.contactOf(2)?.version, 1);
  });

  it('of records that the source refuses are rejected with its words, and the others go on', async (context) => {
    const { api, project, events, done } = await begin(context, 3);
    api.otherAnswers.set('none', [400, { error: 'this id is no number' }]);
    api.otherAnswers.set('hidden', [403, { error: 'this one is not for you' }]);
    api.otherAnswers.set('odd', [200, { error: 'none' }]);
    await events.deliver(['none', '1', 'hidden', 'odd', '2'].map((key) => ({ key })));
    await done();
    assert.deepEqual([api.contactOf(1)?.version, api.contactOf(2)?.version], [1, 1]);
    const { stdout } = await project.cli('errors', 'people');
    for (const words of [/this id is no number.*[^→]*key none/, /this one is not for you.*[^→]*key hidden/, /has no primary key.*[^→]*key odd/])
      assert.match(stdout, words);
    api.otherAnswers.delete('none');
    const retried = await project.cli('retry', 'people', '--yes');
    assert.match(retried.stdout, /2 rejected|rejected +2/, retried.stdout);
  });

  it('of a record for which the source fails wait, and the others go on; status says what keeps them', async (context) => {
    const { api, project, events, done } = await begin(context, 3);
    api.otherAnswers.set('1', [500, {}]);
    await events.deliver([{ key: '1' }, { key: '2' }]);
    await until('the other record to be written', () => api.contactOf(2) !== undefined);
    await until('its event to be all that is open', async () => (await events.open()) === 1);
    await until('the trouble to be told', async () => /1 event open, .*; source: waiting .*telling answered 500/.test((await project.cli('status')).stdout));
    api.otherAnswers.clear();
    await done();
    assert.equal(api.contactOf(1)?.version, 1);
    api.otherAnswers.set('3', [401, {}]);
    await events.deliver([{ key: '3' }]);
    await until('its end to be told', async () => /1 event open, .*; their last run failed: syncline show r_/.test((await project.cli('status')).stdout));
  });

  it('of records for which the source fails, more than are asked for at once, keep nobody else from being synced', async (context) => {
    const { api, events, done } = await begin(context, 31);
    const failing = Array.from({ length: 30 }, (_, index) => String(index + 1));
    for (const key of failing) api.otherAnswers.set(key, [500, {}]);
    await events.deliver([...failing, '31'].map((key) => ({ key })));
    await until('the record of the newest event to be written', () => api.contactOf(31) !== undefined);
    api.otherAnswers.clear();
    await done();
    assert.equal(api.contactOf(1)?.version, 1);
  });

  it('of a record that was merged into another take it away, although the source shows the other in its place', async (context) => {
    const { api, project, events, done } = await begin(context, 3, MIRROR);
    await events.deliver(['1', '2', '3'].map((key) => ({ key })));
    await done();
    api.remove(2);
    api.otherAnswers.set('2', [200, api.change(1)]);
    await events.deliver([{ key: '1' }, { key: '2', kind: 'deleted' }]);
    await done();
    assert.ok(api.isReflected, JSON.stringify([...api.contacts.values()]));
    api.remove(3);
    api.otherAnswers.set('3', [200, api.people.get(1)]);
    await project.cli('run', 'people', '--full', '--yes');
    assert.ok(api.isReflected, JSON.stringify([...api.contacts.values()]));
    assert.deepEqual(api.mistakes, []);
  });

  it('of which nobody was told are found when the listener starts, and by a schedule', async (context) => {
    const { api, project, events, done } = await begin(context, 2);
    events.isMute = true;
    await events.deliver([{ key: '1' }]);
    assert.deepEqual(await events.wakeAll(), [events.scope]);
    await done();
    await events.deliver([{ key: '2' }]);
    const applied = await project.cli('schedule', 'apply', '--yes');
    assert.match(applied.stdout, /\+ \(deliveries\) {2}every 1m/, applied.stderr);
    await events.triggerWakeUp();
    await done();
    assert.ok(api.isReflected);
    project.edit('syncs/people.yaml', (text) => text.replace(/events: .+/, ''));
    assert.match((await project.cli('schedule', 'apply', '--yes')).stdout, /- \(deliveries\)/);
  });

  it('that were acknowledged are reflected, none doubled, none out of order, whatever is repeated, reordered, or killed', async (context) => {
    const [size, deliveries, kills] = IS_LONG ? [1_000, 10_000, 6] : [60, 300, 1];
    const dice = new Dice(7);
    const { api, project, worker, done } = await begin(context, size, MIRROR);
    const sender = await Sender.start(project);
    context.after(() => sender.stop());
    let alive = worker;
    const late: (readonly [body: object, id: string])[] = [];
    const restarts: Promise<void>[] = [];
    const sending = new Set<Promise<void>>();
    const send = async ([body, id]: readonly [object, string]) => {
      const sent = sender.send(body, id).finally(() => sending.delete(sent));
      sending.add(sent);
      if (sending.size >= 8) await Promise.race(sending);
    };
    for (let n = 1; n <= deliveries; n++) {
      const id = 1 + Math.floor(dice.next() * size);
      const isRemoved = dice.next() < 0.1;
      if (isRemoved) api.remove(id);
      else api.change(id);
      late.push([{ events: [{ type: isRemoved ? 'deleted' : 'changed', id }] }, `d${n}`]);
      // In any order, and some of them again.
      const [told] = late.splice(Math.floor(dice.next() * late.length), late.length > 20 ? 1 : 0);
      if (told !== undefined) await send(told);
      if (told !== undefined && dice.next() < 0.2) await send(told);
      const step = Math.ceil(deliveries / (kills + 1));
      // In the midst of taking deliveries: those that it does not answer are sent again.
      if (n % step === Math.floor(step / 2)) restarts.push(sender.killListener());
      if (n === deliveries || n % step !== 0) continue;
      // In the midst of reading and writing: what else it does is tried again after a minute or two only.
      const reads = api.readCount;
      await until('the worker to read', () => api.readCount > reads);
      alive.child.kill('SIGKILL');
      alive = await project.startWorker();
      assert.equal((await project.cli('run', 'people', '--detach', '--yes')).code, 0);
    }
    for (const told of late) await send(told);
    await Promise.all([...sending, ...restarts]);
    await done();
    await until('the target to be as the source', () => api.isReflected);
    assert.deepEqual(api.mistakes, []);
    const { stdout } = await project.cli('runs', 'people', '--limit', '100');
    assert.doesNotMatch(stdout, /books|failed/);
    context.diagnostic(
      `${deliveries} deliveries, sent ${sender.acknowledged + sender.refused} times, ${sender.refused} times not acknowledged; worker killed ${kills} times, listener ${restarts.length}: ${api.readCount} reads, ${api.writes} writes`,
    );
  });
});
