import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import type { Run } from '../../ledger/ledger.ts';
import { ScheduledProject } from '../support/scheduled-project.ts';
import { until } from '../support/until.ts';

const isDone = ({ state }: Run) => state === 'completed';

/** What is triggered goes by the overlap of the schedule, as what is due by its time does. */
describe('what is due while another run is alive', { concurrency: 3 }, () => {
  it('with cancel-other cancels that one, whether it was started by hand or by the schedule', async (context) => {
    const small = await ScheduledProject.start(context, { contacts: '{ every: 1d, overlap: cancel-other }' });
    await startByHand(small);
    await small.cli('schedule', 'trigger', 'contacts', '--yes');
    const states = () => triggersAndStates(small);
    await until('a scheduled run in the place of the manual one', async () => isDeepStrictEqual(await states(), ['schedule running', 'manual cancelled']));
    await small.cli('schedule', 'trigger', 'contacts', '--yes');
    await until('another in its place', async () => (await small.runs('contacts')).length === 3);
    small.letGo();
    await until('it to end', async () => (await small.runs('contacts')).some(isDone));
    assert.deepEqual(await states(), ['schedule completed', 'schedule cancelled', 'manual cancelled']);
  });

  it('with buffer-one waits for a run that was started by hand, and runs then', async (context) => {
    const small = await ScheduledProject.start(context, { contacts: '{ every: 1d, overlap: buffer-one }' });
    await startByHand(small);
    await small.cli('schedule', 'trigger', 'contacts', '--yes');
    await until('what the schedule starts to wait', async () => (await small.schedule('contacts')).info.runningActions.length === 1);
    assert.deepEqual(await triggersAndStates(small), ['manual running']);
    small.letGo();
    await until('the scheduled run', async () => (await small.runs('contacts')).filter(isDone).length === 2);
    assert.deepEqual(await triggersAndStates(small), ['schedule completed', 'manual completed']);
    const [scheduled, manual] = await small.runs('contacts');
    assert.ok((scheduled?.startedAt ?? 0) >= (manual?.endedAt ?? Number.POSITIVE_INFINITY), 'one after the other');
  });

  it('with buffer-all is run afterwards, each of them, and with buffer-one only the first, where the schedule started that run itself', async (context) => {
    const small = await ScheduledProject.start(context, {
      contacts: '{ every: 1d, overlap: buffer-all }',
      notes: '{ every: 1d, overlap: buffer-one }',
    });
    small.hold();
    for (const sync of ['contacts', 'notes']) {
      await small.cli('schedule', 'trigger', sync, '--yes');
      await until(`a run of ${sync}`, async () => (await small.runs(sync)).some(({ state }) => state === 'running'));
      await small.cli('schedule', 'trigger', sync, '--yes');
      await small.cli('schedule', 'trigger', sync, '--yes');
    }
    const skipped = async (sync: string) => (await small.schedule(sync)).info.numActionsSkippedOverlap;
    await until('the third of notes to be left out', async () => (await skipped('notes')) === 1);
    small.letGo();
    await until('all of contacts', async () => (await small.runs('contacts')).filter(isDone).length === 3);
    await until('two of notes', async () => (await small.runs('notes')).filter(isDone).length === 2);
    assert.deepEqual([await skipped('contacts'), await skipped('notes')], [0, 1]);
    assert.deepEqual([(await small.runs('contacts')).length, (await small.runs('notes')).length], [3, 2]);
  });
});

async function startByHand(small: ScheduledProject): Promise<void> {
  small.hold();
  await small.cli('run', 'contacts', '--detach', '--yes');
  await until('the manual run', async () => (await small.runs('contacts'))[0]?.state === 'running');
}

async function triggersAndStates(small: ScheduledProject): Promise<readonly string[]> {
  return (await small.runs('contacts')).map(({ trigger, state }) => `${trigger} ${state}`);
}
