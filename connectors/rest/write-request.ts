import type { WriteEndpoint } from '../../definition/schema/connector.ts';
import type { Json, JsonObject } from '../../engine/json.ts';
import type { ChangeKind } from '../../engine/outcome.ts';
import { compileTemplate } from '../../engine/template.ts';
import type { OutgoingRecord } from '../ports.ts';
import { type CompiledRequest, compileRequest, type RenderedRequest } from './request-template.ts';

export interface WriteRequest {
  readonly method: CompiledRequest['method'];
  /** It says which version of a record it changes. */
  readonly insertsEtag: boolean;
  /** @throws SyncError DEFINITION_INVALID, ExpressionError where a record lacks what the request needs */
  render(batch: { readonly id: string; readonly records: readonly OutgoingRecord[] }): Promise<RenderedRequest>;
}

/** Compiles how a batch is written: each record by `record`, all of them by the endpoint. */
export function compileWriteRequest(endpoint: WriteEndpoint, kind: ChangeKind, matchOn: string, where: string): WriteRequest {
  const body = endpoint.body ?? (kind === 'delete' ? undefined : '{record}');
  const request = compileRequest({ ...endpoint, ...(body === undefined ? {} : { body }) }, where);
  const writeRecords = compileRecords(endpoint, matchOn);

  return {
    method: request.method,
    insertsEtag: insertsEtag(endpoint),
    render: async (batch) => {
      const { records, ofFirst } = await writeRecords(batch.records);
      const rendered = await request.render({ ...ofFirst, matchOn, records, record: records[0], batch: { id: batch.id } });
      return withIdempotencyKey(rendered, endpoint, batch.id);
    },
  };
}

interface WrittenRecords {
  readonly records: readonly Json[];
  /** What templates may insert of the first. */
  readonly ofFirst: Readonly<Record<string, unknown>>;
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
    for (const [index, record] of outgoing.entries()) records.push((await recordTemplate.render(variablesOf(record, index))) ?? null);
    const [first] = outgoing;
    return { records, ofFirst: first === undefined ? {} : variablesOf(first, 0) };
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

export function withIdempotencyKey(rendered: RenderedRequest, { idempotency }: WriteEndpoint, batchId: string): RenderedRequest {
  return idempotency === undefined ? rendered : { ...rendered, headers: { ...rendered.headers, [idempotency.header.toLowerCase()]: batchId } };
}

function withNulls(fields: JsonObject, nullAs: string | undefined): JsonObject {
  return nullAs === undefined ? fields : Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, value ?? nullAs]));
}

export function insertsEtag({ headers = {}, query = {}, body, variables, record }: WriteEndpoint): boolean {
  const values = Object.values(query).map((given) => (typeof given === 'object' ? given.value : given));
  const templates = [...Object.values(headers), ...values, body ?? '', variables ?? '', record].map((text) => compileTemplate(text));
  return templates.some(({ expressions }) => expressions.some(({ paths }) => paths.includes('etag')));
}
