import { randomUUID } from 'node:crypto';
import { Client, Connection, type WorkflowHandleWithFirstExecutionRunId } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import type { Activities } from '../../activities/activities.ts';
import { type SyncRef, syncWorkflowId, taskQueues } from '../../engine/ids.ts';
import { workflowBundle } from '../../worker/workflow-bundle.ts';
import { SYNC_WORKFLOW, type SyncInput } from '../../workflows/contract.ts';
import type { syncWorkflow } from '../../workflows/sync.ts';
import { testTemporal } from './temporal.ts';

Runtime.install({ logger: new DefaultLogger('ERROR') });

export type RunHandle = WorkflowHandleWithFirstExecutionRunId<typeof syncWorkflow>;

let bundle: ReturnType<typeof workflowBundle> | undefined;

/** Runs the sync workflow on a real server with the activities given, and takes everything down again. */
export async function withSyncWorkflow(activities: Activities, test: (handle: RunHandle, client: Client) => Promise<void>): Promise<void> {
  const { address } = await testTemporal();
  const connection = await NativeConnection.connect({ address });
  const clientConnection = await Connection.connect({ address });
  const client = new Client({ connection: clientConnection });
  const ref: SyncRef = { project: `test-${randomUUID().slice(0, 8)}`, profile: 'dev', sync: 'contacts' };
  const queues = taskQueues(ref.project, ref.profile);
  bundle ??= workflowBundle();
  const workers = [
    await Worker.create({ connection, taskQueue: queues.workflows, workflowBundle: await bundle, activities }),
    await Worker.create({ connection, taskQueue: queues.reading, activities }),
    await Worker.create({ connection, taskQueue: queues.writing, activities }),
  ];
  const running = Promise.all(workers.map((worker) => worker.run()));
  const input: SyncInput = { ref, runId: 'r_test', trigger: 'manual' };
  try {
    const handle = await client.workflow.start<typeof syncWorkflow>(SYNC_WORKFLOW, {
      taskQueue: queues.workflows,
      workflowId: syncWorkflowId(ref),
      args: [input],
    });
    await test(handle, client);
  } finally {
    for (const worker of workers) worker.shutdown();
    await running;
    await connection.close();
    await clientConnection.close();
  }
}

/** Polls until `check` holds. @throws Error after 15 s, naming what was waited for */
export async function until(what: string, check: () => boolean | Promise<boolean>): Promise<void> {
  const end = Date.now() + 15_000;
  while (!(await check())) {
    if (Date.now() > end) throw new Error(`waited 15 s for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
