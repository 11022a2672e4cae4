import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CancelledFailure, WorkflowFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import type { Activities, PlanRunInput } from '../../activities/activities.ts';
import { syncWorkflowId, taskQueues } from '../../engine/ids.ts';
import { ZERO_TOTALS } from '../../engine/outcome.ts';
import { SYNC_WORKFLOW } from '../../workflows/contract.ts';
import { graphQuery } from '../../workflows/messages.ts';
import type { syncWorkflow } from '../../workflows/sync.ts';
import { type FakeSteps, fakeActivities } from '../support/fake-activities.ts';
import { until } from '../support/until.ts';
import { withGraphWorkflow } from '../support/workflow-run.ts';

interface FakeGraph extends Pick<FakeSteps, 'graph' | 'references'> {
  /** What a sync does when it is planned; its run goes on afterwards. */
  readonly onPlan?: (input: PlanRunInput) => Promise<void>;
  readonly written?: number;
}

/** Runs that do nothing but begin and end, and remember when. */
function fakeGraph({ onPlan, written = 0, ...steps }: FakeGraph): { readonly activities: Activities; readonly calls: string[] } {
  const calls: string[] = [];
  const { activities } = fakeActivities({ segments: 1, ...steps });
  return {
    calls,
    activities: {
      ...activities,
      planRun: async (input) => {
        calls.push(`begin ${input.ref.sync}${input.options?.references === true ? ' for references' : ''}`);
        await onPlan?.(input);
        return activities.planRun(input);
      },
      settleRun: async (input) => {
        calls.push(`${input.ending} ${input.ref.sync}`);
        const { state, failure } = await activities.settleRun(input);
        return { state, totals: { ...ZERO_TOTALS, written }, ...(failure === undefined ? {} : { failure }) };
      },
    },
  };
}

const CHAIN = [
  { name: 'companies', after: [] },
  { name: 'owners', after: [] },
  { name: 'contacts', after: ['companies'] },
  { name: 'deals', after: ['contacts', 'owners'] },
];

test('each sync runs when all that it waits for are done, and as many at once as may', async () => {
  let begun = 0;
  const { activities, calls } = fakeGraph({
    graph: CHAIN,
    onPlan: async ({ ref }) => {
      if (ref.sync !== 'companies' && ref.sync !== 'owners') return;
      begun += 1;
      await until('both to have begun', () => begun === 2);
    },
  });
  await withGraphWorkflow(activities, async (graph) => {
    const { phase, syncs } = await graph.result();
    assert.equal(phase, 'done');
    assert.deepEqual(
      syncs.map(({ sync, state }) => [sync, state]),
      CHAIN.map(({ name }) => [name, 'done']),
    );
    assert.equal(new Set(syncs.map(({ runId }) => runId)).size, 4);
  });
  assert.deepEqual(calls.slice(0, 2).sort(), ['begin companies', 'begin owners'], 'side by side');
  assert.ok(calls.indexOf('begin contacts') > calls.indexOf('completed companies'));
  assert.ok(calls.indexOf('begin deals') > calls.indexOf('completed contacts'));
});

test('a sync that fails takes along those that wait for it, and no others; all is told', async () => {
  const { activities, calls } = fakeGraph({
    graph: CHAIN,
    onPlan: async ({ ref }) => {
      if (ref.sync === 'companies') throw ApplicationFailure.nonRetryable('An API refused the credentials.', 'CREDENTIALS_REJECTED');
    },
  });
  await withGraphWorkflow(activities, async (graph) => {
    await assert.rejects(graph.result(), (error: unknown) => {
      assert.ok(error instanceof WorkflowFailedError && error.cause instanceof ApplicationFailure);
      assert.equal(error.cause.type, 'CREDENTIALS_REJECTED');
      assert.equal(error.cause.message, 'companies failed, contacts was skipped, deals was skipped.');
      return true;
    });
    const { syncs } = await graph.query(graphQuery);
    assert.deepEqual(
      syncs.map(({ sync, state, because }) => [sync, state, because]),
      [
        ['companies', 'failed', 'An API refused the credentials.'],
        ['owners', 'done', undefined],
        ['contacts', 'skipped', 'companies failed'],
        ['deals', 'skipped', 'contacts was skipped'],
      ],
    );
  });
  assert.equal(calls.includes('begin contacts'), false);
});

test('references that are there by now are set by runs of their own, until nothing more comes of it', async () => {
  const { activities, calls } = fakeGraph({
    graph: CHAIN.slice(0, 2),
    written: 1,
    references: (sync, count) => ({ due: sync === 'companies' && count < 3 ? 5 : 0, open: 2 }),
  });
  await withGraphWorkflow(activities, async (graph) => {
    const { syncs } = await graph.result();
    assert.deepEqual(
      syncs.map(({ secondRuns, openReferences }) => [secondRuns.length, openReferences]),
      [
        [2, 2],
        [0, 2],
      ],
    );
  });
  assert.equal(calls.filter((call) => call === 'begin companies for references').length, 2);
});

test('a pass that sets nothing is the last', async () => {
  const { activities, calls } = fakeGraph({ graph: CHAIN.slice(0, 2), references: () => ({ due: 3 }) });
  await withGraphWorkflow(activities, async (graph) => void (await graph.result()));
  assert.equal(calls.filter((call) => call.endsWith('for references')).length, 2);
});

test('a sync that runs already is waited for, and runs once more', async () => {
  let release = () => {};
  const held = new Promise<void>((resolve) => (release = resolve));
  const { activities, calls } = fakeGraph({
    graph: CHAIN.slice(0, 1),
    onPlan: async ({ runId }) => {
      if (runId === 'r_other') await held;
    },
  });
  await withGraphWorkflow(
    activities,
    async (graph) => {
      await until('the graph to meet it', async () => (await graph.query(graphQuery)).syncs[0]?.state === 'in-use');
      assert.equal(calls.length, 1);
      release();
      assert.equal((await graph.result()).syncs[0]?.state, 'done');
    },
    async (client, ref) => {
      const sync = { ...ref, sync: 'companies' };
      await client.workflow.start<typeof syncWorkflow>(SYNC_WORKFLOW, {
        taskQueue: taskQueues(ref.project, ref.profile).workflows,
        workflowId: syncWorkflowId(sync),
        args: [{ ref: sync, runId: 'r_other', trigger: 'manual' }],
      });
      await until('the other run to begin', () => calls.includes('begin companies'));
    },
  );
  assert.deepEqual(calls, ['begin companies', 'completed companies', 'begin companies', 'completed companies']);
});

test('cancelled while references are set, it tells how far it is', async () => {
  let isAsked = false;
  const { activities } = fakeGraph({ graph: CHAIN.slice(0, 1) });
  activities.countReferences = async () => {
    isAsked = true;
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    return [];
  };
  await withGraphWorkflow(activities, async (graph) => {
    await until('the count', () => isAsked);
    await graph.cancel();
    await assert.rejects(graph.result(), (error: unknown) => error instanceof WorkflowFailedError && error.cause instanceof CancelledFailure);
    assert.equal((await graph.query(graphQuery)).phase, 'done');
  });
});

test('cancelled, it ends the runs that are alive in order, and starts no other', async () => {
  const { activities, calls } = fakeGraph({ graph: CHAIN });
  activities.pageSource = async () => {
    const { Context } = await import('@temporalio/activity');
    const beat = setInterval(() => Context.current().heartbeat(), 200);
    await Context.current().cancelled.finally(() => clearInterval(beat));
    throw new Error('cancelled');
  };
  await withGraphWorkflow(activities, async (graph) => {
    await until('both to run', async () => (await graph.query(graphQuery)).syncs.filter(({ state }) => state === 'running').length === 2);
    await graph.cancel();
    await assert.rejects(graph.result(), (error: unknown) => error instanceof WorkflowFailedError && error.cause instanceof CancelledFailure);
    assert.deepEqual(
      (await graph.query(graphQuery)).syncs.map(({ state }) => state),
      ['cancelled', 'cancelled', 'cancelled', 'cancelled'],
    );
  });
  assert.deepEqual(calls.filter((call) => call.startsWith('cancelled')).sort(), ['cancelled companies', 'cancelled owners']);
  assert.equal(calls.includes('begin contacts'), false);
});
