import type { ResolvedConnection } from '../../definition/resolved.ts';
import type { ConnectorObject, WriteEndpoint } from '../../definition/schema/connector.ts';
import { parseDuration, parseSize } from '../../engine/duration.ts';
import { SyncError } from '../../engine/errors.ts';
import { CHANGE_KINDS, type ChangeKind } from '../../engine/outcome.ts';
import { compilePathTemplate } from '../../engine/template.ts';
import type { HttpClient } from '../../http/http-client.ts';
import type { JobWriter, RequestObserver, Target, WriteAbility } from '../ports.ts';
import type { TellFieldNames } from './field-names.ts';
import { compileJobWriter, jobAbilityOf } from './job-writer.ts';
import { observe } from './observe.ts';
import { compileSearch } from './search.ts';
import { idempotencyKeyOf, insertsEtag } from './write-request.ts';
import { compileWriter, type Writer } from './writer.ts';

const DEFAULT_CONCURRENCY = 8;
const DEFAULT_MAX_BYTES = 4_000_000;

export interface RestTargetOptions {
  readonly client: HttpClient;
  readonly connection: ResolvedConnection;
  readonly objectName: string;
  readonly object: ConnectorObject;
  readonly matchOn: string;
  /** For searches that show no more of a record than they are asked for. */
  readonly wanted: readonly string[];
  /** For templates that insert the names of all fields. */
  readonly tellFieldNames: TellFieldNames;
  readonly observer: RequestObserver | undefined;
  /** Told what looks wrong and stops nothing. */
  readonly warn: (message: string) => void;
}

/** Writes an object by its manifest's `create`, `update`, `upsert`, `delete` and `search`. */
export function openRestTarget(options: RestTargetOptions): Target {
  const { client, connection, object } = options;
  const writers = new Map<ChangeKind, Writer>();
  const abilities: Partial<Record<ChangeKind, WriteAbility>> = {};
  const jobs: Partial<Record<ChangeKind, JobWriter>> = {};
  for (const kind of CHANGE_KINDS) {
    const endpoint = object[kind];
    if (endpoint === undefined) continue;
    if (hasRequest(endpoint)) writers.set(kind, compileWriter(options, kind, endpoint));
    if (endpoint.bulk !== undefined) jobs[kind] = compileJobWriter(options, kind, endpoint, endpoint.bulk);
    abilities[kind] = abilityOf(kind, endpoint, connection, object.search);
  }
  const observer = observe(connection.name, options.observer);
  const webUrl = object.webUrl === undefined ? undefined : compilePathTemplate(object.webUrl);
  return {
    jobs,
    abilities,
    canSearch: object.search !== undefined,
    indexingDelayMs: parseDuration(object.search?.indexingDelay ?? '0s') ?? 0,
    requestTimeoutMs: connection.timeouts.requestMs,
    concurrency: connection.limits.concurrency ?? DEFAULT_CONCURRENCY,
    acquirePermit: (signal) => client.acquirePermit(signal, observer),
    send: async (batch) => {
      const writer = writers.get(batch.kind);
      if (writer !== undefined) return writer(batch);
      batch.permit.release();
      throw new SyncError({ code: 'DEFINITION_INVALID', retry: 'never', message: `${connection.name}.${options.objectName} has no "${batch.kind}".` });
    },
    search: compileSearch(options),
    setPace: (pace) => client.setPace(pace),
    webUrl: (targetId) => {
      const rendered = webUrl?.renderPath({ id: targetId });
      return typeof rendered === 'string' ? rendered : undefined;
    },
  };
}

/** Two creates make two records; to upsert, update or delete twice does no harm, unless the connector knows better. */
function abilityOf(kind: ChangeKind, endpoint: WriteEndpoint, connection: ResolvedConnection, search: ConnectorObject['search']): WriteAbility {
  return {
    maxRecords: hasRequest(endpoint) ? endpoint.max : 0,
    maxBytes: parseSize(endpoint.maxBytes ?? '') ?? DEFAULT_MAX_BYTES,
    isRepeatable: endpoint.repeatable ?? kind !== 'create',
    applyDelayMs: connection.applyDelayMs ?? parseDuration(endpoint.applyDelay) ?? 0,
    ...((endpoint.merges ?? endpoint.patch !== undefined) ? { merges: true } : {}),
    ...(insertsEtag(endpoint) ? { needsEtag: true } : {}),
    ...(idempotencyKeyOf(endpoint) === undefined ? {} : { idempotencyTtlMs: parseDuration(idempotencyKeyOf(endpoint)?.ttl ?? '') ?? 0 }),
    ...(endpoint.bulk === undefined ? {} : { jobs: jobAbilityOf(endpoint.bulk, search) }),
  };
}

/** Some objects are written by jobs alone. */
export function hasRequest({ get, post, put, patch, delete: remove, graphql }: WriteEndpoint): boolean {
  return [get, post, put, patch, remove, graphql].some((request) => request !== undefined);
}
