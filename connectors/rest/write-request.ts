import type { WriteEndpoint } from '../../definition/schema/connector.ts';
import type { Json, JsonObject } from '../../engine/json.ts';
import type { ChangeKind } from '../../engine/outcome.ts';
import { compileTemplate } from '../../engine/template.ts';
import type { OutgoingRecord } from '../ports.ts';
import { type CompiledRequest, compileRequest, type RenderedRequest } from './request-template.ts';
import { compileSubRequests } from './sub-requests.ts';

export interface WriteRequest {
  readonly method: CompiledRequest['method'];
  /** It says which version of a record it changes. */
  readonly insertsEtag: boolean;
  /** @throws SyncError DEFINITION_INVALID, ExpressionError where a record lacks what the request needs */
  render(batch: { readonly id: string; readonly records: readonly OutgoingRecord[] }): Promise<RenderedRequest>;
}

/** Compiles how a batch is written: each record by `record`, all of them by the endpoint. */
export function compileWriteRequest(endpoint: WriteEndpoint, kind: ChangeKind, matchOn: string, where: string): WriteRequest {
  const withBody = <Shape extends { readonly body?: Json | undefined }>(shape: Shape) => ({
    ...shape,
    body: shape.body ?? (kind === 'delete' ? undefined : '{record}'),
  });
  const request = compileRequest(withBody(endpoint), where);
  const writeRequests = endpoint.each === undefined ? undefined : compileSubRequests(withBody(endpoint.each), where);
  const writeRecords = compileRecords(endpoint, matchOn);

  return {
    method: request.method,
    insertsEtag: insertsEtag(endpoint),
    render: async (batch) => {
      const { records, scopes } = await writeRecords(batch.records);
      const ofBatch = { batch: { id: batch.id } };
      const requests = await writeRequests?.(scopes.map((scope, index) => ({ ...scope, record: records[index], ...ofBatch })));
      const rendered = await request.render({ ...scopes[0], matchOn, records, record: records[0], requests, ...ofBatch });
      return withIdempotencyKey(rendered, endpoint, batch.id);
    },
  };
}

interface WrittenRecords {
  readonly records: readonly Json[];
  /** Of each what templates may insert of it. */
  readonly scopes: readonly Readonly<Record<string, unknown>>[];
}

/** Compiles how each record is written, by the endpoint's `record`. Throws as `render`. */
export function compileRecords(
  endpoint: Pick<WriteEndpoint, 'record' | 'nullAs'>,
  matchOn: string,
): (records: readonly OutgoingRecord[]) => Promise<WrittenRecords> {
  const recordTemplate = compileTemplate(endpoint.record);
  const variablesOf = recordVariables(endpoint, matchOn);
  return async (outgoing) => {
    const records: Json[] = [];
    const scopes = outgoing.map(variablesOf);
    for (const scope of scopes) records.push((await recordTemplate.render(scope)) ?? null);
    return { records, scopes };
  };
}

/** What the templates of a write may insert of one record of a batch. */
export function recordVariables({ nullAs }: Pick<WriteEndpoint, 'nullAs'>, matchOn: string) {
  return (record: OutgoingRecord, index: number) => ({
    fields: withNulls(record.fields, nullAs),
    id: record.targetId,
    match: record.match,
    matchOn,
    ref: String(index),
    etag: record.etag,
  });
}

export function withIdempotencyKey(rendered: RenderedRequest, endpoint: WriteEndpoint, batchId: string): RenderedRequest {
  const key = idempotencyKeyOf(endpoint);
  return key === undefined ? rendered : { ...rendered, headers: { ...rendered.headers, [key.header.toLowerCase()]: batchId } };
}

/** Where the API takes a key, and for how long it knows it; undefined where it takes none, or nobody says. */
export function idempotencyKeyOf({ idempotency }: Pick<WriteEndpoint, 'idempotency'>) {
  return idempotency === 'none' ? undefined : idempotency;
}

function withNulls(fields: JsonObject, nullAs: string | undefined): JsonObject {
  return nullAs === undefined ? fields : Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, value ?? nullAs]));
}

export function insertsEtag({ each, variables, record, ...own }: WriteEndpoint): boolean {
  const asked = [own, each ?? {}].flatMap(({ headers = {}, query = {}, body = '' }) => {
    const values = Object.values(query).map((given) => (typeof given === 'object' ? given.value : given));
    return [...Object.values(headers), ...values, body];
  });
  const templates = [...asked, variables ?? '', record].map((text) => compileTemplate(text));
  return templates.some(({ expressions }) => expressions.some(({ paths }) => paths.includes('etag')));
}
