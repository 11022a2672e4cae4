import { randomUUID } from 'node:crypto';
import { Client, Connection, type WorkflowHandleWithFirstExecutionRunId, type WorkflowHandleWithSignaledRunId } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import type { Activities } from '../../activities/activities.ts';
import { backfillWorkflowId, graphWorkflowId, type SyncRef, syncWorkflowId, taskQueues } from '../../engine/ids.ts';
import { EVENTS_WORKFLOW, type EventsInput, wakeUpOf } from '../../engine/wake-up.ts';
import { workflowBundle } from '../../worker/workflow-bundle.ts';
import type { backfillWorkflow } from '../../workflows/backfill.ts';
import { BACKFILL_WORKFLOW, type BackfillInput, GRAPH_WORKFLOW, SYNC_WORKFLOW, type SyncInput } from '../../workflows/contract.ts';
import type { eventsWorkflow } from '../../workflows/events.ts';
import type { graphWorkflow } from '../../workflows/graph.ts';
import type { syncWorkflow } from '../../workflows/sync.ts';
import { testTemporal } from './temporal.ts';

Runtime.install({ logger: new DefaultLogger('ERROR') });

export type EventsHandle = WorkflowHandleWithSignaledRunId<typeof eventsWorkflow>;
export type GraphHandle = WorkflowHandleWithFirstExecutionRunId<typeof graphWorkflow>;
export type BackfillHandle = WorkflowHandleWithFirstExecutionRunId<typeof backfillWorkflow>;
export type RunHandle = WorkflowHandleWithFirstExecutionRunId<typeof syncWorkflow>;

let bundle: ReturnType<typeof workflowBundle> | undefined;

/** Runs the sync workflow on a real server with the activities given, and takes everything down again. */
export async function withSyncWorkflow(activities: Activities, test: (handle: RunHandle, client: Client) => Promise<void>): Promise<void> {
  await withWorkers(activities, async (client, ref) => {
    const input: SyncInput = { ref, runId: 'r_test', trigger: 'manual' };
    const handle = await client.workflow.start<typeof syncWorkflow>(SYNC_WORKFLOW, {
      taskQueue: taskQueues(ref.project, ref.profile).workflows,
      workflowId: syncWorkflowId(ref),
      args: [input],
    });
    await test(handle, client);
  });
}

/** The same for the graph of a project of its own. */
export async function withGraphWorkflow(
  activities: Activities,
  test: (handle: GraphHandle, client: Client, ref: SyncRef) => Promise<void>,
  before: (client: Client, ref: SyncRef) => Promise<void> = async () => undefined,
): Promise<void> {
  await withWorkers(activities, async (client, ref) => {
    await before(client, ref);
    const { project, profile } = ref;
    const handle = await client.workflow.start<typeof graphWorkflow>(GRAPH_WORKFLOW, {
      taskQueue: taskQueues(project, profile).workflows,
      workflowId: graphWorkflowId(project, profile),
      args: [{ project, profile }],
    });
    await test(handle, client, ref);
  });
}

/** The same for the events of a sync, woken once. */
export async function withEventsWorkflow(
  activities: Activities,
  test: (handle: EventsHandle, client: Client) => Promise<void>,
  more: Pick<EventsInput, 'wakesPerExecution'> = {},
): Promise<void> {
  await withWorkers(activities, async (client, ref) => {
    const args: [EventsInput] = [{ ref, ...more }];
    await test(await client.workflow.signalWithStart<typeof eventsWorkflow, []>(EVENTS_WORKFLOW, { ...wakeUpOf(ref, false), args }), client);
  });
}

/** The same for a backfill of so many days of 2026, a window each. */
export async function withBackfillWorkflow(
  activities: Activities,
  { days, ...more }: { readonly days: number } & Pick<BackfillInput, 'parallel' | 'windowsPerExecution'>,
  test: (handle: BackfillHandle, client: Client, ref: SyncRef) => Promise<void>,
): Promise<void> {
  await withWorkers(activities, async (client, ref) => {
    const range = { from: '2026-01-01', to: new Date(Date.UTC(2026, 0, 1 + days)).toISOString().slice(0, 10), sizeMs: 86_400_000 };
    const handle = await client.workflow.start<typeof backfillWorkflow>(BACKFILL_WORKFLOW, {
      taskQueue: taskQueues(ref.project, ref.profile).workflows,
      workflowId: backfillWorkflowId(ref),
      args: [{ ref, range, ...more }],
    });
    await test(handle, client, ref);
  });
}

/** Workers for a project of its own, whose runs the test starts. @param slots of readers, and of writers */
export async function withWorkers(activities: Activities, work: (client: Client, ref: SyncRef) => Promise<void>, slots = 100): Promise<void> {
  const { address } = await testTemporal();
  const connection = await NativeConnection.connect({ address });
  const clientConnection = await Connection.connect({ address });
  const client = new Client({ connection: clientConnection });
  const ref: SyncRef = { project: `test-${randomUUID().slice(0, 8)}`, profile: 'dev', sync: 'contacts' };
  const queues = taskQueues(ref.project, ref.profile);
  bundle ??= workflowBundle();
  const workers = [
    await Worker.create({ connection, taskQueue: queues.workflows, workflowBundle: await bundle, activities }),
    await Worker.create({ connection, taskQueue: queues.reading, activities, maxConcurrentActivityTaskExecutions: slots }),
    await Worker.create({ connection, taskQueue: queues.writing, activities, maxConcurrentActivityTaskExecutions: slots }),
  ];
  const running = Promise.all(workers.map((worker) => worker.run()));
  try {
    await work(client, ref);
  } finally {
    for (const worker of workers) worker.shutdown();
    await running;
    await connection.close();
    await clientConnection.close();
  }
}
