import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { z } from 'zod';
import { Stack } from '../support/stack.ts';
import { until } from '../support/until.ts';

const SYNC = 'contacts-to-hubspot';
const entrySchema = z.object({
  user: z.string(),
  way: z.string(),
  action: z.string(),
  sync: z.string().optional(),
  runId: z.string().optional(),
  details: z.record(z.string(), z.json()),
});

let stack: Stack;
before(async () => {
  stack = await Stack.start(['--contacts', '12', '--bad-percent', '0']);
  Object.assign(stack.project.env, { SYNCLINE_ACTOR: 'Ada Lovelace' });
  setSchedule('schedule: { every: 1d }\n');
  await stack.project.startWorker();
});
after(async () => {
  setSchedule('');
  await stack.project.cli('schedule', 'apply', '--yes');
  await stack.stop();
});

function setSchedule(line: string): void {
  stack.project.edit(`syncs/${SYNC}.yaml`, (text) => `${text.replace(/^schedule: .*\n/m, '')}${line}`);
}

/** Oldest first. */
async function log() {
  const { stdout } = await stack.project.cli('audit', '--json');
  return z
    .object({ entries: z.array(entrySchema) })
    .parse(JSON.parse(stdout))
    .entries.toReversed();
}

async function done(...words: string[]): Promise<void> {
  const { code, stdout, stderr } = await stack.project.cli(...words, '--yes');
  assert.equal(code, 0, stdout + stderr);
}

test('runs, what they were changed to, and schedules are written down with who did it', async () => {
  await done('run', SYNC);
  await done('resync', SYNC, '--key', '3,4');
  await done('schedule', 'apply');
  await done('schedule', 'pause', SYNC);
  await done('schedule', 'resume', SYNC);
  await done('schedule', 'trigger', SYNC);
  await until('the scheduled run to be written down', async () => (await log()).some(({ way }) => way === 'schedule'));
  const entries = await log();
  const started = entries.find(({ action }) => action === 'run.started');
  assert.match(started?.runId ?? '', /^r_/);
  const by = (way: string) => entries.filter((entry) => entry.way === way).map(({ action, sync, details }) => ({ action, sync, details }));
  assert.deepEqual(by('cli'), [
    { action: 'run.started', sync: SYNC, details: {} },
    { action: 'resync.started', sync: SYNC, details: { records: 2 } },
    { action: 'schedule.applied', sync: SYNC, details: { change: 'create', when: 'every 1d' } },
    { action: 'schedule.paused', sync: SYNC, details: {} },
    { action: 'schedule.resumed', sync: SYNC, details: {} },
    { action: 'schedule.triggered', sync: SYNC, details: {} },
  ]);
  assert.deepEqual(by('schedule'), [{ action: 'run.started', sync: SYNC, details: { trigger: 'schedule' } }]);
  assert.ok(entries.every(({ user }) => user === 'Ada Lovelace'));
});

test('a run of another definition than the one before says so, once', async () => {
  await until('the scheduled run to end', async () => (await stack.project.cli('cancel', SYNC, '--yes')).code !== 0);
  const { length } = await log();
  stack.project.edit(`syncs/${SYNC}.yaml`, (text) => text.replace('company: company', 'company: last_name'));
  await done('run', SYNC);
  await done('run', SYNC);
  const added = (await log()).slice(length);
  // The run that the command has started may be planned before the command has written down that it has.
  assert.deepEqual(added.map(({ action }) => action).toSorted(), ['definition.changed', 'run.started', 'run.started']);
  const changed = added.find(({ action }) => action === 'definition.changed');
  assert.equal(changed?.way, 'worker');
  assert.notEqual(changed.details['from'], changed.details['to']);
  const { code, stdout } = await stack.project.cli('audit', 'verify');
  assert.deepEqual([code, /✓ \d+ entries are whole/.test(stdout)], [0, true]);
});
