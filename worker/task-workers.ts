import { type NativeConnection, Worker, type WorkerOptions } from '@temporalio/worker';
import type { Logger } from 'pino';
import type { Activities } from '../activities/activities.ts';
import { taskQueues } from '../engine/ids.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { workerDataConverter } from '../payloads/data-converter.ts';
import type { PayloadKey } from '../payloads/payload-keys.ts';
import { FailureInterceptor } from './interceptors/failures.ts';
import { StepInterceptor } from './interceptors/steps.ts';
import type { WorkerSettings } from './settings.ts';
import type { Sight } from './sight/sight.ts';
import { activitySlots } from './slots.ts';
import { versioningOf } from './versioning.ts';
import { workflowBundle } from './workflow-bundle.ts';

export interface TaskWorkersOptions {
  readonly connection: NativeConnection;
  readonly namespace: string;
  readonly project: string;
  readonly profile: string;
  /** Of connections: readers and writers of each have slots of their own. */
  readonly queues: readonly string[];
  readonly activities: Activities;
  readonly ledger: Ledger;
  readonly log: Logger;
  readonly sight: Sight;
  readonly payloadKeys: readonly PayloadKey[];
  readonly settings: WorkerSettings;
}

/** Workflows with bookkeeping, readers and writers have slots of their own, so that idle writers can't starve readers. A worker for certain task queues has no workflows. */
export async function createTaskWorkers(options: TaskWorkersOptions): Promise<readonly Worker[]> {
  const { settings, ledger, log, sight } = options;
  const queues = taskQueues(options.project, options.profile);
  const versioning = versioningOf(settings, options.project, options.profile);
  const common: Omit<WorkerOptions, 'taskQueue'> = {
    connection: options.connection,
    namespace: options.namespace,
    activities: options.activities,
    ...(versioning === undefined ? {} : { workerDeploymentOptions: versioning }),
    dataConverter: workerDataConverter(options.payloadKeys),
    shutdownGraceTime: settings.shutdownGraceMs,
    maxHeartbeatThrottleInterval: Math.min(2_000, settings.heartbeatTimeoutMs / 3),
    defaultHeartbeatThrottleInterval: Math.min(2_000, settings.heartbeatTimeoutMs / 3),
    interceptors: {
      activity: [(context) => ({ inbound: new StepInterceptor(context, sight, ledger) }), () => ({ inbound: new FailureInterceptor(ledger, log) })],
    },
  };
  const activityOnly = { ...common, ...activitySlots(settings) };
  const ofQueues = await Promise.all(
    options.queues
      .map((queue) => taskQueues(options.project, options.profile, queue))
      .map(({ reading, writing }) => createPair(activityOnly, reading, writing)),
  );
  if (Array.isArray(settings.served)) return ofQueues.flat();
  return [
    await Worker.create({
      ...common,
      taskQueue: queues.workflows,
      workflowBundle: await workflowBundle(options.payloadKeys.length > 0),
      stickyQueueScheduleToStartTimeout: Math.min(10_000, settings.heartbeatTimeoutMs),
      maxConcurrentActivityTaskExecutions: 20,
    }),
    ...(await createPair(activityOnly, queues.reading, queues.writing)),
    ...ofQueues.flat(),
  ];
}

function createPair(options: Omit<WorkerOptions, 'taskQueue'>, reading: string, writing: string): Promise<readonly Worker[]> {
  return Promise.all([reading, writing].map((taskQueue) => Worker.create({ ...options, taskQueue })));
}
