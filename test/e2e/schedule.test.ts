import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { z } from 'zod';
import { Stack } from '../support/stack.ts';
import { until } from '../support/until.ts';

const SYNC = 'contacts-to-hubspot';
const listSchema = z.object({
  schedules: z.array(
    z.object({ sync: z.string(), isPaused: z.boolean(), note: z.string().optional(), next: z.array(z.string()), isRunning: z.boolean(), skipped: z.number() }),
  ),
});
const runsSchema = z.object({ runs: z.array(z.object({ trigger: z.string(), state: z.string() })) });

async function begin(context: TestContext, schedule: string, { hasWorker = true } = {}) {
  const stack = await Stack.start(['--contacts', '20', '--bad-percent', '0']);
  const cli = async (...args: string[]) => {
    const { code, stdout, stderr } = await stack.project.cli(...args);
    return { code, stdout, stderr, text: stdout + stderr };
  };
  context.after(async () => {
    // A schedule outlives its project: the server is shared by all tests.
    setSchedule(stack, undefined);
    await cli('schedule', 'apply', '--yes');
    await cli('cancel', SYNC, '--yes');
    await stack.stop();
  });
  setSchedule(stack, schedule);
  if (hasWorker) await stack.project.startWorker();
  const schedules = async () => listSchema.parse(JSON.parse((await cli('schedule', 'list', '--json')).stdout)).schedules;
  const runs = async () => runsSchema.parse(JSON.parse((await cli('runs', SYNC, '--json')).stdout)).runs;
  return { stack, cli, schedules, runs };
}

function setSchedule(stack: Stack, schedule: string | undefined): void {
  stack.project.edit(`syncs/${SYNC}.yaml`, (text) => `${text.replace(/^schedule: .*\n/m, '')}${schedule === undefined ? '' : `schedule: ${schedule}\n`}`);
}

describe('schedules', { concurrency: 2 }, () => {
  it('are made equal to the definitions, the difference first, and applied twice change nothing', async (context) => {
    const { stack, cli, schedules } = await begin(context, '{ every: 1h, jitter: 1m }', { hasWorker: false });
    const dry = await cli('schedule', 'apply', '--dry-run');
    assert.equal(dry.code, 0, dry.text);
    assert.match(dry.stdout, /^\+ contacts-to-hubspot {2}every 1h, up to 1m later$/m);
    assert.match((await cli('schedule', 'list')).text, /not applied/);
    assert.equal((await cli('schedule', 'apply')).code, 2, 'without a terminal it wants --yes');
    assert.match((await cli('schedule', 'apply', '--yes')).stdout, /✓ 1 schedule changed/);
    assert.match((await cli('schedule', 'apply', '--yes')).stdout, /^= contacts-to-hubspot {2}every 1h, up to 1m later, as it is\n$/);
    const unheard = await cli('schedule', 'trigger', SYNC, '--yes');
    assert.deepEqual([unheard.code, unheard.stdout], [5, ''], unheard.text);
    assert.match(unheard.stderr, /^✗ No worker is running for /);
    assert.match((await cli('schedule', 'backfill', SYNC, '--from', '2999-01-01', '--yes')).stderr, /^✗ --from must be in the past\.\n$/);
    await cli('schedule', 'pause', SYNC, '--note', 'being cleaned up', '--yes');
    await cli('schedule', 'pause', SYNC, '--yes');
    setSchedule(stack, '{ cron: "30 6 * * 1-5", timezone: Europe/Berlin, overlap: buffer-one }');
    assert.match((await cli('schedule', 'apply', '--yes')).stdout, /^~ contacts-to-hubspot {2}30 6 \* \* 1-5 \(Europe\/Berlin\)$/m);
    const [paused] = await schedules();
    assert.deepEqual([paused?.isPaused, paused?.note], [true, 'being cleaned up'], 'an update leaves it paused');
    assert.match((await cli('schedule', 'list')).stdout, /being cleaned up/);
    assert.deepEqual(JSON.parse((await cli('schedule', 'resume', SYNC, '--yes', '--json')).stdout), { schemaVersion: 1, sync: SYNC, isPaused: false });
    assert.match((await cli('schedule', 'describe', SYNC)).stdout, /next runs +20\d\d-\d\d-\d\dT0[45]:30:00\.000Z/);
    setSchedule(stack, undefined);
    assert.match((await cli('schedule', 'apply', '--yes')).stdout, /^- contacts-to-hubspot {2}has no schedule in the definitions any more$/m);
    await until('the schedule to be gone', async () => (await schedules()).length === 0);
  });

  it('run the sync; what is due while another run is alive is left out', async (context) => {
    const { stack, cli, runs } = await begin(context, '{ every: 4s }');
    await cli('schedule', 'apply', '--yes');
    await until('two scheduled runs', async () => (await runs()).filter(({ trigger, state }) => trigger === 'schedule' && state === 'completed').length >= 2);
    assert.deepEqual(JSON.parse((await cli('schedule', 'pause', SYNC, '--yes', '--json')).stdout), { schemaVersion: 1, sync: SYNC, isPaused: true });
    await stack.setFaults('hubspot', { latencyMs: 6_000 });
    await stack.changeContact('3', { company: 'Changed' });
    await stack.project.cli('run', SYNC, '--detach', '--full', '--yes');
    const before = (await runs()).length;
    const leftOut = await cli('schedule', 'trigger', SYNC, '--yes');
    assert.deepEqual([leftOut.code, /^! A run of contacts-to-hubspot is alive, .+ nothing was started\.\n$/.test(leftOut.stdout)], [0, true], leftOut.text);
    await until('the run to outlast its interval', async () => /its run outlasts the interval of its schedule, 4s/.test((await cli('status')).stdout));
    await stack.setFaults('hubspot', { latencyMs: 0 });
    await until('the manual run to end', async () => (await runs()).every(({ state }) => state !== 'running' && state !== 'requested'));
    assert.equal((await runs()).length, before, 'the run that was due meanwhile was skipped');
    const triggered = await cli('schedule', 'trigger', SYNC, '--yes', '--json');
    assert.deepEqual(JSON.parse(triggered.stdout), { schemaVersion: 1, sync: SYNC, isTriggered: true });
    await until('the triggered run', async () => (await runs()).length === before + 1);
  });

  it('are paused, with what to do, where credentials are refused, or runs fail too often in a row', async (context) => {
    const { stack, cli, schedules, runs } = await begin(context, '{ every: 3s, pauseAfterFailures: 2 }');
    await stack.setFaults('hubspot', { refusesToken: true });
    await cli('schedule', 'apply', '--yes');
    await until('the schedule to be paused', async () => (await schedules())[0]?.isPaused === true);
    assert.match(
      (await schedules())[0]?.note ?? '',
      /^The credentials were refused \(r_\w+\): see "syncline show r_\w+", renew them, then "syncline schedule resume contacts-to-hubspot"\.$/,
    );
    await stack.setFaults('hubspot', { refusesToken: false });
    stack.project.edit('connections/crm.yaml', (text) => text.replace('records: data', 'records: nothing_there'));
    const before = (await runs()).length;
    await cli('schedule', 'resume', SYNC, '--yes');
    await until('the schedule to be paused again', async () => (await schedules())[0]?.isPaused === true);
    assert.match((await schedules())[0]?.note ?? '', /^2 runs in a row have failed, r_\w+ the last of them/);
    assert.ok((await runs()).length >= before + 1);
  });

  it('are applied as far as the server takes them: what it refuses of one keeps no other', async (context) => {
    const { stack, cli, schedules } = await begin(context, '{ calendar: { hour: 25 } }', { hasWorker: false });
    const file = `syncs/${SYNC}.yaml`;
    const text = readFileSync(join(stack.project.directory, file), 'utf8');
    stack.project.write('syncs/later.yaml', text.replace(/^schedule: .*$/m, 'schedule: { every: 1d }'));
    const { code, stderr } = await cli('schedule', 'apply', '--yes');
    const applied = await schedules();
    stack.project.write('syncs/later.yaml', text.replace(/^schedule: .*$/m, ''));
    assert.deepEqual([code, applied.map(({ sync }) => sync)], [3, ['later']]);
    assert.match(stderr, /refused to create the schedule of contacts-to-hubspot: Hour is not in range.+\n +Changes made: 1 of 2\.\n$/);
  });

  it('own their runs that never had a plan, as the definition had a mistake by then', async (context) => {
    const { stack, cli, runs } = await begin(context, '{ every: 2s }');
    await cli('schedule', 'apply', '--yes');
    stack.project.edit(`syncs/${SYNC}.yaml`, (text) => `${text}mistake: true\n`);
    const failedRuns = async () => (await runs()).filter(({ state }) => state === 'failed');
    await until('a run to fail', async () => (await failedRuns()).length > 0);
    stack.project.edit(`syncs/${SYNC}.yaml`, (text) => text.replace('mistake: true\n', ''));
    await cli('schedule', 'pause', SYNC, '--yes');
    const failed = await failedRuns();
    assert.deepEqual([...new Set(failed.map(({ trigger }) => trigger))], ['schedule']);
  });

  it('know daylight saving: the hour that is skipped, and the one that comes twice', async (context) => {
    const { cli, schedules, stack } = await begin(context, '{ cron: "30 2 * * *", timezone: Europe/Berlin, startAt: "2027-03-27T00:00:00Z" }', {
      hasWorker: false,
    });
    await cli('schedule', 'apply', '--yes');
    const spring = (await schedules())[0]?.next ?? [];
    // 2027-03-28 has no 02:30 in Berlin.
    assert.deepEqual(spring.slice(0, 2), ['2027-03-27T01:30:00.000Z', '2027-03-29T00:30:00.000Z']);
    setSchedule(stack, '{ cron: "30 2 * * *", timezone: Europe/Berlin, startAt: "2027-10-30T00:00:00Z" }');
    await cli('schedule', 'apply', '--yes');
    const autumn = (await schedules())[0]?.next ?? [];
    // 2027-10-31 has two: it runs once, the second time.
    assert.deepEqual(autumn.slice(0, 3), ['2027-10-30T00:30:00.000Z', '2027-10-31T01:30:00.000Z', '2027-11-01T01:30:00.000Z']);
  });
});
