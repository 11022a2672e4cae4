import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Client, WorkflowHandle } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import type { Activities } from '../../activities/activities.ts';
import { ZERO_TOTALS } from '../../engine/outcome.ts';
import { WAKE_SIGNAL } from '../../engine/wake-up.ts';
import { decideDeletesUpdate, pauseSignal, progressQuery, resumeSignal } from '../../workflows/messages.ts';
import { fakeActivities } from '../support/fake-activities.ts';
import { until } from '../support/until.ts';
import { type EventsHandle, withEventsWorkflow } from '../support/workflow-run.ts';

const SOURCE_READ = { state: 'closed', isLast: false, totals: ZERO_TOTALS } as const;

/** Wakes as listener and schedule do, until something has come of it. */
async function wakeUntil(events: WorkflowHandle, check: () => boolean | Promise<boolean>): Promise<void> {
  await until('what comes of being woken', async () => {
    await events.signal(WAKE_SIGNAL);
    return check();
  });
}

describe('the events workflow', { concurrency: true }, () => {
  it('looks at once, again when others are due, and ends with its books closed when none are open', async () => {
    const { activities, calls } = fakeActivities({
      segments: 1,
      lingerMs: 5_000,
      pageSource: async (_, call) => ({ ...SOURCE_READ, events: { hasGone: false, ...(call === 1 ? { dueInMs: 1 } : {}) } }),
    });
    await withEventsWorkflow({ ...activities }, (run) => run.result());
    assert.deepEqual(
      calls.filter((call) => !call.startsWith('write')),
      ['plan', 'read 0', 'read 1', 'settle completed'],
    );
  });

  it('does not lose who asks while it is about to end', async () => {
    const { activities, calls } = fakeActivities({ segments: 1, pageSource: async () => ({ ...SOURCE_READ, events: { hasGone: false } }) });
    let ask: () => Promise<void> = async () => undefined;
    const asking = {
      ...activities,
      settleRun: async (input: Parameters<typeof activities.settleRun>[0]) => {
        const settled = await activities.settleRun(input);
        if (calls.filter((call) => call === 'plan').length === 1) await ask();
        return settled;
      },
    };
    await withEventsWorkflow(asking, async (run, client) => {
      ask = () => client.workflow.getHandle(run.workflowId).signal(WAKE_SIGNAL);
      await run.result();
    });
    assert.equal(calls.filter((call) => call === 'plan').length, 2);
  });

  it('takes away what has gone at the end of a run, and begins another for what is due', async () => {
    const { activities, calls } = fakeActivities({
      segments: 1,
      takesAway: true,
      lingerMs: 1,
      pageSource: async (_, call) => ({ ...SOURCE_READ, events: call === 1 ? { hasGone: true, dueInMs: 1 } : { hasGone: false } }),
    });
    await withEventsWorkflow(activities, (run) => run.result());
    const run = ['plan', 'read 0', 'sweep', 'settle completed'];
    assert.deepEqual(
      calls.filter((call) => !call.startsWith('write')),
      [...run, ...run],
    );
  });

  it('holds the next run where a pause comes between two, and is still being written down as that would begin', async () => {
    const { activities, calls } = fakeActivities({
      segments: 1,
      lingerMs: 1,
      pageSource: async (_, call) => ({ ...SOURCE_READ, events: { hasGone: false, ...(call === 1 ? { dueInMs: 5_000 } : {}) } }),
    });
    let isAsked = false;
    let isWritten = false;
    const slow: Activities = {
      ...activities,
      adjustRun: async (input) => {
        isAsked = true;
        await new Promise((resolve) => setTimeout(resolve, 6_000));
        isWritten = true;
        return activities.adjustRun(input);
      },
    };
    await withEventsWorkflow(slow, async (run) => {
      await until('the end of a run', () => calls.includes('settle completed'));
      await run.signal(pauseSignal);
      await until('the pause to be on its way', () => isAsked);
      await until('the pause to be written down', () => isWritten);
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      assert.equal(calls.filter((call) => call === 'plan').length, 1, 'the next run began');
      await run.signal(resumeSignal);
      await run.result();
    });
    assert.equal(calls.filter((call) => call === 'plan').length, 2);
  });

  it('continues as new while it is paused, with the run that is open, before the server takes no more signals', async () => {
    const { activities, calls } = fakeActivities({ segments: 1, lingerMs: 1, pageSource: async () => ({ ...SOURCE_READ, events: { hasGone: false } }) });
    let isPaused = false;
    const runs = new Set<string>();
    const held: Activities = {
      ...activities,
      pageSource: async (input) => {
        runs.add(input.runId);
        calls.push(`asked ${input.segment}`);
        if (calls.includes('adjust {"paused":false}')) return activities.pageSource(input);
        await until('the pause', () => isPaused);
        return { state: 'paused', isLast: false, totals: ZERO_TOTALS };
      },
      writeBatches: async (input) => {
        if (calls.includes('adjust {"paused":false}')) return activities.writeBatches(input);
        await until('the pause', () => isPaused);
        return { state: 'paused' };
      },
    };
    const test = async (run: EventsHandle, client: Client) => {
      const events = client.workflow.getHandle(run.workflowId);
      await until('the reader to run', () => calls.includes('asked 0'));
      await events.signal(pauseSignal);
      await until('the workflow to know', async () => (await events.query(progressQuery)).paused);
      isPaused = true;
      for (let execution = 2; execution < 4; execution++) {
        await wakeUntil(events, () => calls.filter((call) => call === 'plan').length === execution);
        assert.deepEqual([...runs].length, 1);
      }
      assert.equal(calls.filter((call) => call === 'asked 0').length, 1, 'it goes on although paused');
      assert.equal((await events.describe()).status.name, 'RUNNING');
      await events.signal(resumeSignal);
      await run.result();
    };
    await withEventsWorkflow(held, test, { wakesPerExecution: 5 });
    assert.deepEqual([...new Set(calls.filter((call) => call.startsWith('settle')))], ['settle completed']);
    assert.equal(runs.size, calls.filter((call) => call.startsWith('settle')).length);
    assert.ok(calls.includes('read 0') && calls.includes('read 1'), 'what came meanwhile is looked for');
  });

  it('continues as new between runs that a pause holds, and begins the next once resumed', async () => {
    const { activities, calls } = fakeActivities({
      segments: 1,
      lingerMs: 1,
      pageSource: async (_, call) => ({ ...SOURCE_READ, events: { hasGone: false, ...(call === 1 ? { dueInMs: 60_000 } : {}) } }),
    });
    const test = async (run: EventsHandle, client: Client) => {
      const events = client.workflow.getHandle(run.workflowId);
      await until('the end of a run', () => calls.includes('settle completed'));
      await events.signal(pauseSignal);
      await until('the pause to be written down', () => calls.includes('adjust {"paused":true}'));
      const before = (await events.describe()).runId;
      await wakeUntil(events, async () => (await events.describe()).runId !== before);
      const second = (await events.describe()).runId;
      await wakeUntil(events, async () => (await events.describe()).runId !== second);
      assert.equal(calls.filter((call) => call === 'plan').length, 1);
      await events.signal(resumeSignal);
      await run.result();
    };
    await withEventsWorkflow(activities, test, { wakesPerExecution: 5 });
    assert.equal(calls.filter((call) => call === 'plan').length, 2);
  });

  it('continues as new while it waits for a person to decide about deletes, and asks for the same run again', async () => {
    const { activities, calls } = fakeActivities({
      segments: 1,
      takesAway: true,
      lingerMs: 1,
      pageSource: async (_, call) => ({ ...SOURCE_READ, events: { hasGone: call === 1 } }),
      sweepDeletes: async (isApproved) => (isApproved ? { state: 'staged', segment: 7, due: 900 } : { state: 'guarded', due: 900 }),
    });
    let runId = '';
    const asking: Activities = {
      ...activities,
      sweepDeletes: async (input) => {
        runId ||= input.runId;
        assert.equal(input.runId, runId);
        return activities.sweepDeletes(input);
      },
    };
    const test = async (run: EventsHandle, client: Client) => {
      const events = client.workflow.getHandle(run.workflowId);
      await wakeUntil(events, () => calls.filter((call) => call === 'sweep').length === 3);
      // Together with what makes it continue as new: a decision that was taken is not asked for again.
      const wakes = () => Promise.all(Array.from({ length: 5 }, () => events.signal(WAKE_SIGNAL)));
      const decide = () => Promise.all([wakes(), events.executeUpdate(decideDeletesUpdate, { args: [{ runId, isApproved: true }] })]);
      await until('the question', () =>
        decide().then(
          () => true,
          () => false,
        ),
      );
      await until('the end of the run', () => calls.includes('settle completed'));
      await run.cancel();
      await run.result().catch(() => undefined);
    };
    await withEventsWorkflow(asking, test, { wakesPerExecution: 5 });
    const approved = calls.indexOf('sweep approved');
    assert.deepEqual(calls.slice(approved, approved + 3), ['sweep approved', 'write 7', 'settle completed']);
    assert.deepEqual(
      calls.slice(0, approved).filter((call) => call.startsWith('read')),
      ['read 0'],
    );
  });

  it('leaves the events of a run that failed open, closes its books, and waits', async () => {
    const { activities, calls } = fakeActivities({
      segments: 1,
      pageSource: async () => {
        throw ApplicationFailure.nonRetryable('An API refused the credentials.', 'CREDENTIALS_REJECTED');
      },
    });
    await withEventsWorkflow(activities, async (run, client) => {
      while (!calls.includes('settle failed')) await new Promise((resolve) => setTimeout(resolve, 50));
      assert.equal((await client.workflow.getHandle(run.workflowId).describe()).status.name, 'RUNNING');
      await client.workflow.getHandle(run.workflowId).cancel();
      await assert.rejects(run.result());
    });
  });
});
