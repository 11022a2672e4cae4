import { z } from 'zod';
import { canonicalJson } from '../engine/content-hash.ts';
import { parseDuration, parseSize } from '../engine/duration.ts';
import { SyncError } from '../engine/errors.ts';
import type { Json } from '../engine/json.ts';
import type { RetryPolicy } from '../engine/retry-timing.ts';
import { didYouMean } from '../engine/suggest.ts';
import { withNamed } from './any-object.ts';
import type { LoadedProject } from './load-project.ts';
import type { Loaded } from './parse-definition.ts';
import { type ResolvedConnection, type ResolvedSync, resolvedConnectionSchema, resolvedSyncSchema } from './resolved.ts';
import type { Connection } from './schema/connection.ts';
import type { Project } from './schema/project.ts';
import type { Sync } from './schema/sync.ts';
import { resolveSettings, resolveText } from './secrets.ts';
import { withClosingRefs } from './sync-graph.ts';

/** The one place where defaults of a run are written down. */
const DEFAULTS = {
  connect: '10s',
  headers: '30s',
  body: '30s',
  request: '60s',
  maxAnswerBytes: '64MB',
  segment: { records: 100_000, bytes: 64_000_000, seconds: 30 },
  maxSegmentsPerExecution: 300,
  maxRejectedPercent: 10,
  maxDeletes: 500,
  maxDeletedPercent: 5,
  giveUpAfter: '30m',
  drift: 'warn',
  priority: 3,
  retry: { after: ['5m', '1h', '1d'], until: '7d' },
} as const;

/**
 * Merges a sync with its connections, their connectors, the profile and the project's defaults, and puts settings in. Secrets stay references.
 * @throws SyncError DEFINITION_INVALID where there is no such sync, or it or what it uses has mistakes
 */
export function resolveSync(project: LoadedProject, name: string): ResolvedSync {
  const { value: sync } = soundOf(project.files.syncs.get(name), () => unknownSync(project, name));
  const settings = project.files.project?.value;
  const defaults = settings?.defaults ?? {};
  const names = new Set([sync.source.connection, sync.target.connection, ...Object.values(sync.lookups).map((lookup) => lookup.from.connection)]);
  const resolved = {
    ref: { project: project.name, profile: project.profile, sync: name },
    sync: { ...sync, mapping: withClosingRefs(project.files.syncs, name, sync) },
    connections: Object.fromEntries([...names].map((connection) => [connection, resolveConnection(project, connection, objectsUsed(sync, connection))])),
    values: settings?.values ?? 'plain',
    segment: { ...DEFAULTS.segment, ...defaults.segment, ...sync.segment },
    maxSegmentsPerExecution: sync.maxSegmentsPerExecution ?? defaults.maxSegmentsPerExecution ?? DEFAULTS.maxSegmentsPerExecution,
    maxRejectedPercent: sync.guard?.maxRejectedPercent ?? defaults.guard?.maxRejectedPercent ?? DEFAULTS.maxRejectedPercent,
    deleteGuard: {
      maxDeletes: sync.guard?.maxDeletes ?? defaults.guard?.maxDeletes ?? DEFAULTS.maxDeletes,
      maxDeletedPercent: sync.guard?.maxDeletedPercent ?? defaults.guard?.maxDeletedPercent ?? DEFAULTS.maxDeletedPercent,
    },
    deleteScope: sync.delete?.scope ?? defaults.delete?.scope ?? 'created',
    conflict: sync.conflict ?? defaults.conflict ?? { policy: 'source-wins' as const },
    drift: sync.drift ?? defaults.drift ?? DEFAULTS.drift,
    ...reconcileOf(sync.reconcile ?? defaults.reconcile),
    ...((sync.schedule ?? defaults.schedule) === undefined ? {} : { schedule: sync.schedule ?? defaults.schedule }),
    ...toldOf({ alerts: sync.alerts ?? defaults.alerts, results: sync.results ?? defaults.results }, settings?.channels),
    giveUpAfterMs: durationMs(sync.giveUpAfter ?? defaults.giveUpAfter, DEFAULTS.giveUpAfter),
    priority: sync.priority ?? defaults.priority ?? DEFAULTS.priority,
    retry: retryOf(sync.retry?.after ?? defaults.retry?.after ?? DEFAULTS.retry.after, sync.retry?.until ?? defaults.retry?.until ?? DEFAULTS.retry.until),
  };
  return resolvedSyncSchema.parse(resolveSettings(plainJson(resolved), project.environment));
}

function reconcileOf(reconcile: Sync['reconcile']): Pick<ResolvedSync, 'reconcile' | 'formats'> {
  if (reconcile === undefined) return { formats: {} };
  const { every, sample, repair = false, compare, formats = {} } = reconcile;
  const samplePercent = sample === undefined ? {} : { samplePercent: Number.parseFloat(sample) };
  return { reconcile: { everyMs: parseDuration(every) ?? 0, ...samplePercent, isOfCounts: compare === 'counts', repair }, formats };
}

/** With the channels that they name, and no other. */
function toldOf(
  { alerts = [], results }: Pick<Sync, 'alerts' | 'results'>,
  channels: Project['channels'],
): Pick<ResolvedSync, 'alerts' | 'results' | 'channels'> {
  const named = new Set([...alerts.flatMap(({ notify }) => notify), ...(results === undefined ? [] : [results.to])]);
  if (named.size === 0) return {};
  return {
    ...(alerts.length === 0 ? {} : { alerts }),
    ...(results === undefined ? {} : { results }),
    channels: Object.fromEntries(Object.entries(channels ?? {}).filter(([name]) => named.has(name))),
  };
}

/**
 * One connection by itself, with its connector and profile, and its settings put in; whether any sync uses it or not.
 * @param objects of those that the connector knows by any name, the ones that are asked for
 * @throws SyncError DEFINITION_INVALID where there is none, or it has mistakes
 */
export function findConnection(project: LoadedProject, name: string, objects: readonly string[] = []): ResolvedConnection {
  return resolvedConnectionSchema.parse(resolveSettings(plainJson(resolveConnection(project, name, objects)), project.environment));
}

/** The objects of a connection that a sync reads or writes. */
function objectsUsed({ source, target, lookups }: Sync, connection: string): readonly string[] {
  const places = [source, target, ...Object.values(lookups).map((lookup) => lookup.from)];
  return places.filter((place) => place.connection === connection).map((place) => place.object);
}

function resolveConnection(project: LoadedProject, name: string, objects: readonly string[] = []): ResolvedConnection {
  const missing = () => invalid(`There is no connection "${name}" that can be used: run "syncline check".`);
  const { value: connection } = soundOf(project.files.connections.get(name), missing);
  const connector = soundOf(project.files.connectors.get(connection.connector), missing);
  const account = accountOf(connection, name, project.profile);
  const { version } = connector.value;
  const address = resolveText(account.baseUrl ?? connection.baseUrl ?? connector.value.baseUrl ?? '', project.environment);
  const baseUrl = address.replace(/\/$/, '');
  const timeouts = { ...connector.value.timeouts, ...connection.timeouts, ...account.timeouts };
  const applyDelay = account.applyDelay ?? connection.applyDelay;
  const taskQueue = account.taskQueue ?? connection.taskQueue;
  const { probe, objectNames } = connector.value;
  const openapi = connection.openapi ?? connector.value.openapi;
  const tls = account.tls ?? connection.tls;
  const resolved: ResolvedConnection = {
    name,
    connector: connection.connector,
    ...placeOf(connector.value.kind, { database: account.database ?? connection.database, folder: account.folder ?? connection.folder }),
    baseUrl: version !== undefined && 'path' in version ? `${baseUrl}/${version.path.replace(/^\//, '')}` : baseUrl,
    auth: account.auth ?? connection.auth ?? connector.value.auth ?? { type: 'none' },
    ...(tls === undefined ? {} : { tls }),
    headers: {
      ...connector.value.headers,
      ...(version !== undefined && 'header' in version ? { [version.header]: version.value } : {}),
      ...connection.headers,
      ...account.headers,
    },
    limits: { ...connector.value.limits, ...connection.limits, ...account.limits },
    timeouts: {
      connectMs: durationMs(timeouts.connect, DEFAULTS.connect),
      headersMs: durationMs(timeouts.headers, DEFAULTS.headers),
      bodyMs: durationMs(timeouts.body, DEFAULTS.body),
      requestMs: durationMs(timeouts.request, DEFAULTS.request),
    },
    maxAnswerBytes: parseSize(connector.value.maxAnswerBytes ?? DEFAULTS.maxAnswerBytes) ?? 0,
    allowPlainHttp: account.allowPlainHttp ?? connection.allowPlainHttp ?? false,
    ...(applyDelay === undefined ? {} : { applyDelayMs: durationMs(applyDelay, '0s') }),
    ...(taskQueue === undefined ? {} : { taskQueue }),
    ...(probe === undefined ? {} : { probe }),
    ...(openapi === undefined ? {} : { openapi }),
    errors: connector.value.errors ?? [],
    hints: connector.value.hints ?? [],
    objects: withNamed({ ...connector.value.objects, ...connection.objects }, objects),
    ...(objectNames === undefined ? {} : { objectNames }),
  };
  return resolved;
}

/** Of what is no REST API. */
function placeOf(
  kind: ResolvedConnection['kind'],
  { database, folder }: { readonly database: string | undefined; readonly folder: string | undefined },
): Pick<ResolvedConnection, 'kind' | 'database' | 'folder'> {
  if (kind === undefined) return {};
  if (kind === 'files') return { kind, folder: folder ?? '.' };
  return { kind, database: database ?? '' };
}

/** Equal where a run would do the same. */
export function definitionHash(resolved: ResolvedSync, sha256: (text: string) => string): string {
  return sha256(canonicalJson(plainJson(resolved))).slice(0, 32);
}

/** The account of a profile. Never another profile's: that could be production. */
function accountOf({ profiles = {}, shared }: Connection, name: string, profile: string): NonNullable<Connection['profiles']>[string] {
  const account = Object.hasOwn(profiles, profile) ? profiles[profile] : undefined;
  if (account === undefined && shared !== true) throw invalid(`Connection ${name} has no profile "${profile}": run "syncline check".`);
  return account ?? {};
}

function soundOf<Value>(loaded: Loaded<Value> | undefined, missing: () => SyncError): Loaded<Value> {
  if (loaded === undefined) throw missing();
  if (!loaded.isSound) throw invalid(`${loaded.file.file} has mistakes: run "syncline check".`);
  return loaded;
}

function unknownSync(project: LoadedProject, name: string): SyncError {
  const known = [...project.files.syncs.keys()];
  return invalid(`There is no sync "${name}"${didYouMean(name, known)}. This project has ${known.join(', ') || 'none'}.`);
}

function invalid(message: string): SyncError {
  return new SyncError({ code: 'DEFINITION_INVALID', retry: 'never', message });
}

/** Through JSON, so that what is hashed, stored and read back is the same. */
function plainJson(value: unknown): Json {
  return z.json().parse(JSON.parse(JSON.stringify(value)));
}

function retryOf(after: readonly string[], until: string): RetryPolicy {
  return { afterMs: after.map((pause) => durationMs(pause, '0s')), untilMs: durationMs(until, '0s') };
}

function durationMs(text: string | undefined, fallback: string): number {
  return parseDuration(text ?? fallback) ?? 0;
}
