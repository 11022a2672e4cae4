import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { Environment } from '../definition/environment.ts';
import { ledgerUrl } from '../definition/ledger-url.ts';
import { errorsOf, type LoadedProject, loadProject } from '../definition/load-project.ts';
import { printMistake } from '../definition/mistake.ts';
import { definitionHash, resolveSync } from '../definition/resolve-sync.ts';
import type { ResolvedSync } from '../definition/resolved.ts';
import { namedQueues, type ServedQueues } from '../definition/served-queues.ts';
import { syncGraph } from '../definition/sync-graph.ts';
import { parseDuration } from '../engine/duration.ts';
import { SyncError } from '../engine/errors.ts';
import type { Graph } from '../engine/graph.ts';
import { didYouMean } from '../engine/suggest.ts';
import { processActor } from '../ledger/audit/process-actor.ts';
import type { AuditSource } from '../ledger/ledger.ts';
import type { LedgerOptions } from '../ledger/open-ledger.ts';
import { PAYLOAD_KEYS, type PayloadKey, parsePayloadKeys } from '../payloads/payload-keys.ts';

const SAMPLES_KEPT = '7d';

/** What is kept beside the truth, and for how long. */
export interface Keeping {
  /** Absent: no samples. */
  readonly sampleRate: string | undefined;
  readonly samplesMs: number;
  /** Absent: for ever. */
  readonly auditMs: number | undefined;
}

/** The worker's project folder: the only source of definitions, read anew for each run. */
export interface WorkerProject {
  readonly name: string;
  readonly profile: string;
  readonly environment: Environment;
  readonly ledger: LedgerOptions;
  /** For what Temporal keeps: the first encrypts, all decrypt. */
  readonly payloadKeys: readonly PayloadKey[];
  /** Who does what a worker of it does by itself. */
  readonly actor: AuditSource;
  /** Of connections, those that the worker serves. */
  readonly queues: readonly string[];
  loadSync(sync: string): Promise<{ readonly definition: ResolvedSync; readonly hash: string }>;
  loadSyncs(): Promise<readonly ResolvedSync[]>;
  loadGraph(): Promise<Graph>;
  /** Names of the syncs, as they are now. @throws SyncError as `loadSync` */
  syncs(): readonly string[];
  /** As `samples` and `retention` of syncline.yaml say. */
  readonly keeping: Keeping;
}

/** @throws SyncError DEFINITION_INVALID, SECRET_MISSING */
export async function openProject(directory: string, profile: string | undefined, served: ServedQueues): Promise<WorkerProject> {
  const load = () => loadWhole(directory, profile, served);
  const project = load();
  const settings = project.files.project?.value;
  const actor: AuditSource = { ...processActor(process.env), way: 'worker', project: project.name, profile: project.profile };
  return {
    name: project.name,
    profile: project.profile,
    environment: project.environment,
    actor,
    payloadKeys: parsePayloadKeys(project.environment.secret(PAYLOAD_KEYS)),
    ledger: {
      url: ledgerUrl(settings?.ledger, project.environment),
      directory: join(directory, '.syncline'),
      values: settings?.values ?? 'plain',
      encryptionKey: project.environment.secret('SYNCLINE_ENCRYPTION_KEY'),
      opener: actor,
    },
    queues: queuesOf(project, served),
    loadSync: async (sync) => {
      const definition = resolveSync(load(), sync);
      return { definition, hash: definitionHash(definition, sha256) };
    },
    loadSyncs: async () => {
      const whole = load();
      return [...whole.files.syncs.keys()].map((sync) => resolveSync(whole, sync));
    },
    loadGraph: async () => syncGraph(load().files.syncs),
    syncs: () => [...load().files.syncs.keys()],
    keeping: {
      sampleRate: settings?.samples?.rate,
      samplesMs: parseDuration(settings?.retention?.samples ?? SAMPLES_KEPT) ?? 0,
      auditMs: settings?.retention?.audit === undefined ? undefined : parseDuration(settings.retention.audit),
    },
  };
}

/** @throws SyncError DEFINITION_INVALID where no connection has such a queue */
function queuesOf({ files, profile }: LoadedProject, served: ServedQueues): readonly string[] {
  const known = namedQueues(files, profile);
  if (served === 'unnamed') return [];
  if (served === 'all') return known;
  const unknown = served.find((name) => !known.includes(name));
  if (unknown === undefined) return served;
  const there = known.length === 0 ? 'no connection has one' : `there are ${known.join(', ')}`;
  const message = `No connection has the task queue "${unknown}" on ${profile}${didYouMean(unknown, known)}: ${there}.`;
  throw new SyncError({ code: 'DEFINITION_INVALID', retry: 'never', message });
}

function loadWhole(directory: string, profile: string | undefined, served: ServedQueues): LoadedProject {
  const project = loadProject(directory, { profile, env: process.env, served });
  const [first, ...others] = errorsOf(project);
  if (first === undefined) return project;
  const more = others.length === 0 ? '' : ` (and ${others.length} more: run "syncline check")`;
  throw new SyncError({ code: first.kind === 'secret' ? 'SECRET_MISSING' : 'DEFINITION_INVALID', retry: 'never', message: `${printMistake(first)}${more}` });
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
