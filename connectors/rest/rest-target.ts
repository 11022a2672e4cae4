import type { ResolvedConnection } from '../../definition/resolved.ts';
import type { ConnectorObject, WriteEndpoint } from '../../definition/schema/connector.ts';
import { parseDuration, parseSize } from '../../engine/duration.ts';
import { SyncError } from '../../engine/errors.ts';
import { CHANGE_KINDS, type ChangeKind } from '../../engine/outcome.ts';
import { compileTemplate } from '../../engine/template.ts';
import type { Classification, HttpClient } from '../../http/http-client.ts';
import type { BatchAnswer, OutgoingRecord, RequestObserver, Target, WriteAbility } from '../ports.ts';
import { compileMatchResults } from './match-results.ts';
import { observe } from './observe.ts';
import { compileRequest } from './request-template.ts';
import { compileSearch } from './search.ts';

const DEFAULT_CONCURRENCY = 8;
const DEFAULT_MAX_BYTES = 4_000_000;

export interface RestTargetOptions {
  readonly client: HttpClient;
  readonly connection: ResolvedConnection;
  readonly objectName: string;
  readonly object: ConnectorObject;
  readonly matchOn: string;
  readonly observer: RequestObserver | undefined;
}

type Writer = (batch: Parameters<Target['send']>[0]) => Promise<BatchAnswer>;

/** Writes an object by its manifest's `create`, `update`, `upsert`, `delete` and `search`. */
export function openRestTarget(options: RestTargetOptions): Target {
  const { client, connection, object } = options;
  const writers = new Map<ChangeKind, Writer>();
  const abilities: Partial<Record<ChangeKind, WriteAbility>> = {};
  for (const kind of CHANGE_KINDS) {
    const endpoint = object[kind];
    if (endpoint === undefined) continue;
    writers.set(kind, compileWriter(options, kind, endpoint));
    abilities[kind] = abilityOf(kind, endpoint, connection);
  }
  const observer = observe(connection.name, options.observer);
  const webUrl = object.webUrl === undefined ? undefined : compileTemplate(object.webUrl);
  return {
    abilities,
    canSearch: object.search !== undefined,
    indexingDelayMs: parseDuration(object.search?.indexingDelay ?? '0s') ?? 0,
    requestTimeoutMs: connection.timeouts.requestMs,
    concurrency: connection.limits.concurrency ?? DEFAULT_CONCURRENCY,
    acquirePermit: (signal) => client.acquirePermit(signal, observer),
    send: (batch) => {
      const writer = writers.get(batch.kind);
      if (writer === undefined)
        throw new SyncError({ code: 'DEFINITION_INVALID', retry: 'never', message: `${connection.name}.${options.objectName} has no ${batch.kind}.` });
      return writer(batch);
    },
    search: compileSearch(options),
    setPace: (pace) => client.setPace(pace),
    webUrl: (targetId) => {
      const rendered = webUrl?.render({ id: targetId });
      return typeof rendered === 'string' ? rendered : undefined;
    },
  };
}

function abilityOf(kind: ChangeKind, endpoint: WriteEndpoint, connection: ResolvedConnection): WriteAbility {
  return {
    maxRecords: endpoint.max,
    maxBytes: parseSize(endpoint.maxBytes ?? '') ?? DEFAULT_MAX_BYTES,
    isRepeatable: endpoint.repeatable ?? kind !== 'create',
    applyDelayMs: connection.applyDelayMs ?? parseDuration(endpoint.applyDelay) ?? 0,
    ...(endpoint.idempotency === undefined ? {} : { idempotencyTtlMs: parseDuration(endpoint.idempotency.ttl) ?? 0 }),
  };
}

function compileWriter(options: RestTargetOptions, kind: ChangeKind, endpoint: WriteEndpoint): Writer {
  const { client, connection, matchOn } = options;
  const hasBody = kind !== 'delete' || endpoint.body !== undefined;
  const body = endpoint.body ?? (hasBody ? '{record}' : undefined);
  const render = compileRequest({ ...endpoint, ...(body === undefined ? {} : { body }) }, `${connection.name}.${options.objectName}.${kind}`);
  const recordTemplate = compileTemplate(endpoint.record);
  const matchResults = compileMatchResults(endpoint);

  return async (batch) => {
    const records = [];
    for (const [index, record] of batch.records.entries())
      records.push((await recordTemplate.render(variablesOf(record, index, matchOn, endpoint.nullAs))) ?? null);
    const first = batch.records[0];
    const variables = { ...(first === undefined ? {} : variablesOf(first, 0, matchOn, endpoint.nullAs)), records, record: records[0], batch: { id: batch.id } };
    const rendered = await render(variables);
    const headers = endpoint.idempotency === undefined ? rendered.headers : { ...rendered.headers, [endpoint.idempotency.header.toLowerCase()]: batch.id };
    const { answer, classification } = await client.send({
      ...rendered,
      headers,
      repeat: 'once',
      permit: batch.permit,
      checkBeforeDispatch: batch.checkBeforeDispatch,
      observer: observe(connection.name, options.observer, batch.observer),
    });
    if (classification.class === 'success') return { answer: 'results', results: await matchResults(batch.records, answer.body, matchOn) };
    return answerOfRefusal(kind, batch.records, classification);
  };
}

function variablesOf(record: OutgoingRecord, index: number, matchOn: string, nullAs: string | undefined) {
  const fields = nullAs === undefined ? record.fields : Object.fromEntries(Object.entries(record.fields).map(([name, value]) => [name, value ?? nullAs]));
  return { fields, id: record.targetId, match: record.match, matchOn, ref: String(index) };
}

function answerOfRefusal(kind: ChangeKind, records: readonly OutgoingRecord[], classification: Classification): BatchAnswer {
  if (classification.class === 'too-large') return { answer: 'too-large' };
  const message = 'message' in classification ? classification.message : 'refused';
  if (classification.class === 'not-found' && records.length === 1) {
    if (kind === 'delete') return { answer: 'results', results: [{ outcome: 'written' }] };
    if (kind === 'update') {
      return {
        answer: 'results',
        results: [
          { outcome: 'rejected', rejection: { reason: 'target-missing', message: `The target no longer has this record: ${message}`, retry: 'later' } },
        ],
      };
    }
  }
  const apiCode = 'apiCode' in classification && classification.apiCode !== undefined ? { apiCode: classification.apiCode } : {};
  return { answer: 'refused', rejection: { reason: 'api-rejected', message, retry: 'never', ...apiCode } };
}
