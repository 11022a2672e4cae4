import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { Client, Connection } from '@temporalio/client';
import { NativeConnection, Worker, type WorkflowBundleOption } from '@temporalio/worker';
import { readWorkflowState } from '../../client/temporal/workflow-state.ts';
import { syncWorkflowId, taskQueues } from '../../engine/ids.ts';
import { workflowBundle } from '../../worker/workflow-bundle.ts';
import { SYNC_WORKFLOW } from '../../workflows/contract.ts';
import { changedBundle } from '../support/changed-bundle.ts';
import { fakeActivities } from '../support/fake-activities.ts';
import { testTemporal } from '../support/temporal.ts';
import { until } from '../support/until.ts';

test('a run that its worker cannot replay says so to whoever asks', async () => {
  const { address } = await testTemporal();
  const connection = await NativeConnection.connect({ address });
  const client = new Client({ connection: await Connection.connect({ address }) });
  const temporal = { client, address, namespace: 'default', close: async () => undefined };
  const ref = { project: `test-${randomUUID().slice(0, 8)}`, profile: 'dev', sync: 'contacts' };
  const queues = taskQueues(ref.project, ref.profile);
  const gate = Promise.withResolvers<undefined>();
  let isReading = false;
  const { activities } = fakeActivities({
    segments: 1,
    pageSource: async () => {
      isReading = true;
      return gate.promise;
    },
  });
  const start = async (options: { readonly taskQueue: string; readonly workflowBundle?: WorkflowBundleOption }) => {
    // Without a cache each task is replayed, whoever did the one before.
    const worker = await Worker.create({ connection, activities, ...(options.workflowBundle === undefined ? {} : { maxCachedWorkflows: 0 }), ...options });
    const ended = worker.run();
    return async () => {
      worker.shutdown();
      await ended;
    };
  };
  const stops = [await start({ taskQueue: queues.reading }), await start({ taskQueue: queues.writing })];
  try {
    const stopFitting = await start({ taskQueue: queues.workflows, workflowBundle: await workflowBundle() });
    const args = [{ ref, runId: 'r_test', trigger: 'manual' }];
    const handle = await client.workflow.start(SYNC_WORKFLOW, { taskQueue: queues.workflows, workflowId: syncWorkflowId(ref), args });
    await until('the run to read', () => isReading);
    assert.equal((await readWorkflowState(temporal, handle.workflowId))?.retry, undefined);
    await stopFitting();

    const code = await changedBundle('sync.ts', [
      ['import { CancellationScope,', 'import { sleep, CancellationScope,'],
      ['const plan = await planRun(', 'await sleep(1);\n    const plan = await planRun('],
    ]);
    stops.push(await start({ taskQueue: queues.workflows, workflowBundle: { code } }));
    gate.resolve(undefined);
    const told = async () => (await readWorkflowState(temporal, handle.workflowId))?.retry?.message;
    await until('it to be told', async () => /^the worker's workflows take other steps than this run has taken\. /.test((await told()) ?? ''));
    await handle.terminate();
    assert.equal(await told(), undefined);
  } finally {
    gate.resolve(undefined);
    await Promise.all(stops.map((stop) => stop()));
    await connection.close();
    await client.connection.close();
  }
});
