import { hash, randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import { createActivities } from '../activities/create-activities.ts';
import { openChannels } from '../connectors/channels/open-channels.ts';
import { openConnections } from '../connectors/open-connections.ts';
import { resolveSecrets } from '../definition/secrets.ts';
import type { Json } from '../engine/json.ts';
import { openLedgerInThread } from '../ledger/thread/open-ledger-in-thread.ts';
import { alertsAtTemporal } from './alerts-at-temporal.ts';
import { Drain } from './drain.ts';
import { heardByServer } from './heard-by-server.ts';
import { openProject } from './project.ts';
import { startRetention } from './retention.ts';
import type { WorkerSettings } from './settings.ts';
import { createSamplePolicy } from './sight/sample-policy.ts';
import { openSight, type Sight } from './sight/sight.ts';
import { createTaskWorkers } from './task-workers.ts';
import { connectTemporal } from './temporal-connection.ts';

/** A running worker process for one project and profile. */
export interface WorkerHost {
  readonly project: string;
  readonly profile: string;
  /** Settles when the Temporal server knows of the workers, or after half a minute. */
  readonly heard: Promise<void>;
  /** Settles when the workers have stopped; rejects when one failed. */
  readonly ended: Promise<void>;
  /** Stops claiming, lets requests in flight finish, then stops. */
  stop(): Promise<void>;
}

/** What a host is made of besides its settings. */
export interface HostParts {
  /** @default in a thread of its own */
  readonly openLedger?: typeof openLedgerInThread;
  /** Milliseconds since the epoch. @default the machine's clock */
  readonly now?: () => number;
  /** Told the project and the profile, once they are known. */
  readonly onNamed?: (project: string, profile: string) => void;
}

/** @throws SyncError DEFINITION_INVALID, SECRET_MISSING; SYSTEM_UNAVAILABLE where Temporal does not answer */
export async function startWorkerHost(settings: WorkerSettings, log: Logger, parts: HostParts = {}): Promise<WorkerHost> {
  const sight = await openSight(settings, log);
  try {
    return await startWithSight(settings, log, sight, parts);
  } catch (error) {
    await sight.close();
    throw error;
  }
}

async function startWithSight(settings: WorkerSettings, log: Logger, sight: Sight, parts: HostParts): Promise<WorkerHost> {
  const { openLedger = openLedgerInThread, now = () => Date.now() } = parts;
  const project = await openProject(settings.project, settings.profile, settings.served);
  parts.onNamed?.(project.name, project.profile);
  const ledger = await openLedger(project.ledger);
  const resolve = (value: Json) => resolveSecrets(value, project.environment);
  const connections = openConnections({
    resolveSecrets: resolve,
    directory: settings.project,
    tokens: ledger,
    sharedBudget: ledger,
    ...(sight.http === undefined ? {} : { sight: sight.http }),
  });
  const temporal = await connectTemporal(settings.address);
  const drain = new Drain();
  const { keeping } = project;
  const activities = createActivities({
    ledger,
    samples: keeping.sampleRate === undefined ? undefined : createSamplePolicy(keeping.sampleRate, now),
    meter: sight.metrics,
    actor: project.actor,
    connections,
    channels: openChannels({ resolveSecrets: resolve }),
    loadSync: (sync) => project.loadSync(sync),
    loadSyncs: () => project.loadSyncs(),
    loadGraph: () => project.loadGraph(),
    ...alertsAtTemporal,
    heartbeatTimeoutMs: settings.heartbeatTimeoutMs,
    draining: drain.signal,
    log,
    now,
    random: () => Math.random(),
    makeToken: () => randomUUID(),
    sha256: (text) => hash('sha256', text),
  });
  const { connection, namespace } = temporal;
  const rejectExplained = (cause: unknown) => Promise.reject(temporal.explain(cause));
  const { name, profile, queues, payloadKeys } = project;
  const taskWorkers = { connection, namespace, project: name, profile, queues, payloadKeys, activities, ledger, log, settings, sight };
  const workers = await createTaskWorkers(taskWorkers).catch(rejectExplained);
  sight.begin({ ledger, connection, workers, draining: drain.signal, project: name, profile, syncs: () => project.syncs(), log });
  const stopForgetting = startRetention({ ledger, keeping, actor: project.actor, log, now });
  const ended = Promise.all(workers.map((worker) => worker.run())).then(async () => {
    stopForgetting();
    await sight.close();
    await connection.close();
    await connections.close();
    await ledger.close();
  }, rejectExplained);
  return {
    project: project.name,
    profile: project.profile,
    heard: heardByServer({ connection, namespace, workers, log }),
    ended,
    stop: async () => {
      drain.begin();
      for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
      await ended;
    },
  };
}
