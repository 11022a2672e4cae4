import { z } from 'zod';
import { canonicalJson } from '../engine/content-hash.ts';
import { parseDuration, parseSize } from '../engine/duration.ts';
import { SyncError } from '../engine/errors.ts';
import { didYouMean } from '../engine/suggest.ts';
import type { LoadedProject } from './load-project.ts';
import { type ResolvedConnection, type ResolvedSync, resolvedSyncSchema } from './resolved.ts';
import { resolveSettings } from './secrets.ts';

/** The one place where defaults of a run are written down. */
const DEFAULTS = {
  connect: '10s',
  headers: '30s',
  body: '30s',
  request: '60s',
  maxAnswerBytes: '64MB',
  segment: { records: 20_000, bytes: 64_000_000, seconds: 30 },
  maxSegmentsPerExecution: 300,
  maxRejectedPercent: 10,
  giveUpAfter: '30m',
} as const;

/** Merges a sync with its connections, their connectors, the profile and the project's defaults. Secrets stay references. @throws SyncError DEFINITION_INVALID where there is no such sync */
export function resolveSync(project: LoadedProject, name: string): ResolvedSync {
  const loaded = project.files.syncs.get(name);
  if (loaded === undefined) {
    const known = [...project.files.syncs.keys()];
    const message = `There is no sync "${name}"${didYouMean(name, known)}. This project has ${known.join(', ') || 'none'}.`;
    throw new SyncError({ code: 'DEFINITION_INVALID', retry: 'never', message });
  }
  const sync = loaded.value;
  const defaults = project.files.project?.value.defaults ?? {};
  const names = new Set([sync.source.connection, sync.target.connection, ...Object.values(sync.lookups).map((lookup) => lookup.from.connection)]);
  const resolved = {
    ref: { project: project.name, profile: project.profile, sync: name },
    sync,
    connections: Object.fromEntries([...names].map((connection) => [connection, resolveConnection(project, connection)])),
    values: project.files.project?.value.values ?? 'plain',
    segment: { ...DEFAULTS.segment, ...defined(defaults.segment), ...defined(sync.segment) },
    maxSegmentsPerExecution: sync.maxSegmentsPerExecution ?? defaults.maxSegmentsPerExecution ?? DEFAULTS.maxSegmentsPerExecution,
    maxRejectedPercent: sync.guard?.maxRejectedPercent ?? defaults.guard?.maxRejectedPercent ?? DEFAULTS.maxRejectedPercent,
    giveUpAfterMs: durationMs(sync.giveUpAfter ?? defaults.giveUpAfter, DEFAULTS.giveUpAfter),
  };
  // Through JSON, so that what is hashed, stored and read back is the same.
  const plain = z.json().parse(JSON.parse(JSON.stringify(resolved)));
  return resolvedSyncSchema.parse(resolveSettings(plain, project.environment));
}

/** @throws SyncError DEFINITION_INVALID where there is no such connection */
export function resolveConnection(project: LoadedProject, name: string): ResolvedConnection {
  const loaded = project.files.connections.get(name);
  const connector = project.files.connectors.get(loaded?.value.connector ?? '');
  if (loaded === undefined || connector === undefined) {
    throw new SyncError({ code: 'DEFINITION_INVALID', retry: 'never', message: `There is no connection "${name}" that can be used: run "syncline check".` });
  }
  const { value: connection } = loaded;
  const account = connection.profiles?.[project.profile] ?? {};
  const { version } = connector.value;
  const baseUrl = (account.baseUrl ?? connection.baseUrl ?? connector.value.baseUrl ?? '').replace(/\/$/, '');
  const timeouts = { ...connector.value.timeouts, ...connection.timeouts, ...account.timeouts };
  const applyDelay = account.applyDelay ?? connection.applyDelay;
  const probe = connector.value.probe;
  const resolved: ResolvedConnection = {
    name,
    connector: connection.connector,
    baseUrl: version !== undefined && 'path' in version ? `${baseUrl}/${version.path.replace(/^\//, '')}` : baseUrl,
    auth: account.auth ?? connection.auth ?? connector.value.auth ?? { type: 'none' },
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
    ...(probe === undefined ? {} : { probe }),
    errors: connector.value.errors ?? [],
    hints: connector.value.hints ?? [],
    objects: { ...connector.value.objects, ...connection.objects },
  };
  return resolved;
}

/** Equal where a run would do the same. */
export function definitionHash(resolved: ResolvedSync, sha256: (text: string) => string): string {
  return sha256(canonicalJson(z.json().parse(JSON.parse(JSON.stringify(resolved))))).slice(0, 32);
}

function durationMs(text: string | undefined, fallback: string): number {
  return parseDuration(text ?? fallback) ?? 0;
}

function defined<Value extends object>(value: Value | undefined): { [Key in keyof Value]?: Exclude<Value[Key], undefined> } {
  const entries = Object.entries(value ?? {}).filter(([, property]) => property !== undefined);
  return Object.fromEntries(entries) as { [Key in keyof Value]?: Exclude<Value[Key], undefined> }; // what is left has no undefined
}
