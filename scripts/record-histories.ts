import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Client } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { ZERO_TOTALS } from '../engine/outcome.ts';
import { WAKE_SIGNAL } from '../engine/wake-up.ts';
import { type FakeSteps, fakeActivities } from '../test/support/fake-activities.ts';
import { until } from '../test/support/until.ts';
import { type EventsHandle, type RunHandle, withEventsWorkflow, withGraphWorkflow, withSyncWorkflow } from '../test/support/workflow-run.ts';
import { pauseSignal, progressQuery, resumeSignal, tuneUpdate } from '../workflows/messages.ts';

/** Records the histories that test/replay replays: run once when a workflow gets a new shape, never to make a replay test pass; names as arguments: only those. Needs SYNCLINE_TEST_TEMPORAL_ADDRESS. */
const FOLDER = fileURLToPath(new URL('../test/replay/histories/', import.meta.url));

await record('whole-run', { segments: 3, hasLookups: true });
await record('continued-as-new', { segments: 5, maxSegmentsPerExecution: 2 });
await record('failed-run', {
  segments: 3,
  pageSource: async ({ segment }) => {
    if (segment === 1) throw ApplicationFailure.nonRetryable('An API refused the credentials.', 'CREDENTIALS_REJECTED');
    return undefined;
  },
});

let isPaused = false;
const whilePaused = async (call: number) => {
  if (call === 1) await until('the pause', () => isPaused);
  return call === 1;
};
await record(
  'paused-run',
  {
    segments: 2,
    pageSource: async (_, call) => ((await whilePaused(call)) ? { state: 'paused', isLast: false, totals: ZERO_TOTALS } : undefined),
    writeBatches: async (_, call) => ((await whilePaused(call)) ? { state: 'paused' } : undefined),
  },
  async (run) => {
    await run.executeUpdate(tuneUpdate, { args: [{ concurrency: 2 }] });
    await run.signal(pauseSignal);
    await until('the workflow to know', async () => (await run.query(progressQuery)).paused);
    isPaused = true;
    await run.signal(resumeSignal);
  },
);

if (isWanted('graph')) {
  const graph = [
    { name: 'companies', after: [] },
    { name: 'contacts', after: ['companies'] },
  ];
  const references = (sync: string, count: number) => ({ due: sync === 'companies' && count === 1 ? 3 : 0 });
  const { activities } = fakeActivities({ segments: 1, graph, references });
  await withGraphWorkflow(activities, async (run, client) => {
    await run.result();
    await save('graph', client, run);
  });
}

if (isWanted('events')) {
  const pageSource = async (_: unknown, call: number) =>
    ({ state: 'closed', isLast: false, totals: ZERO_TOTALS, events: { hasGone: call === 2, ...(call === 1 ? { dueInMs: 1 } : {}) } }) as const;
  const { activities } = fakeActivities({ segments: 1, takesAway: true, hasLookups: true, lingerMs: 5_000, pageSource });
  await withEventsWorkflow(activities, async (run, client) => {
    await run.result();
    await save('events', client, { workflowId: run.workflowId, firstExecutionRunId: run.signaledRunId });
  });
}

if (isWanted('held-events') || isWanted('resumed-events')) {
  let isHeld = true;
  const whileHeld = async <T>(call: number, paused: T) => {
    if (call === 1) await until('the pause', () => !isHeld);
    return call === 1 ? paused : undefined;
  };
  const { activities } = fakeActivities({
    segments: 1,
    lingerMs: 1,
    pageSource: async (_, call) =>
      (await whileHeld(call, { state: 'paused', isLast: false, totals: ZERO_TOTALS } as const)) ?? {
        state: 'closed',
        isLast: false,
        totals: ZERO_TOTALS,
        events: { hasGone: false },
      },
    writeBatches: (_, call) => whileHeld(call, { state: 'paused' } as const),
  });
  const pauseAndResume = async (run: EventsHandle, client: Client) => {
    const events = client.workflow.getHandle(run.workflowId);
    await until('the workflow to begin', () =>
      events.query(progressQuery).then(
        () => true,
        () => false,
      ),
    );
    await events.signal(pauseSignal);
    await until('the workflow to know', async () => (await events.query(progressQuery)).paused);
    isHeld = false;
    for (let wakes = 0; wakes < 3; wakes++) await events.signal(WAKE_SIGNAL);
    await until('the next execution', async () => (await events.describe()).runId !== run.signaledRunId);
    const { runId } = await events.describe();
    await events.signal(resumeSignal);
    await run.result();
    if (isWanted('held-events')) await save('held-events', client, { workflowId: run.workflowId, firstExecutionRunId: run.signaledRunId });
    if (isWanted('resumed-events')) await save('resumed-events', client, { workflowId: run.workflowId, firstExecutionRunId: runId });
  };
  await withEventsWorkflow(activities, pauseAndResume, { wakesPerExecution: 3 });
}

async function record(name: string, steps: FakeSteps, steer?: (run: RunHandle) => Promise<void>): Promise<void> {
  if (!isWanted(name)) return;
  const { activities } = fakeActivities(steps);
  await withSyncWorkflow(activities, async (run, client) => {
    await steer?.(run);
    await run.result().catch(() => undefined);
    await save(name, client, run);
  });
}

async function save(name: string, client: Client, run: Pick<RunHandle, 'workflowId' | 'firstExecutionRunId'>): Promise<void> {
  const history = await client.workflow.getHandle(run.workflowId, run.firstExecutionRunId, { followRuns: false }).fetchHistory();
  const text = JSON.stringify(JSON.parse(historyToJSON(history)), withoutMachine, 1);
  writeFileSync(`${FOLDER}${name}.json`, `${text}\n`);
  process.stdout.write(`  ${name}: ${history.events?.length ?? 0} events\n`);
}

function isWanted(name: string): boolean {
  const names = process.argv.slice(2);
  return names.length === 0 || names.includes(name);
}

/** What only tells of the machine that recorded. */
function withoutMachine(key: string, value: unknown): unknown {
  if (key === 'identity') return 'worker';
  if (key === 'stackTrace') return '';
  return typeof value === 'string' ? value.replace(/^\d+@[\w.]+(?:-[0-9a-f]{20,})?/, 'worker@host') : value;
}
