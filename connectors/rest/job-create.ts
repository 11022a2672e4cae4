import type { BulkRule, WriteEndpoint } from '../../definition/schema/connector.ts';
import { compileExpression } from '../../engine/expression.ts';
import { ExpressionError } from '../../engine/expression-error.ts';
import { isJsonObject, type Json } from '../../engine/json.ts';
import type { ChangeKind } from '../../engine/outcome.ts';
import { compileTemplate } from '../../engine/template.ts';
import type { FormPart, HttpRequest } from '../../http/http-client.ts';
import type { OutgoingRecord } from '../ports.ts';
import { columnsOf } from './csv.ts';
import { keyText } from './record-reader.ts';
import { withRecordsFile } from './records-file.ts';
import type { RenderedRequest } from './request-template.ts';
import { compileRecords, compileWriteRequest } from './write-request.ts';

const NO_METHOD = { get: undefined, post: undefined, put: undefined, patch: undefined, delete: undefined, graphql: undefined, variables: undefined };

type Batch = { readonly id: string; readonly records: readonly OutgoingRecord[] };

/** The request that makes a job, and its records as they are to be uploaded, where `create` has them not. */
export interface RenderedJob {
  readonly request: RenderedRequest;
  readonly records: readonly Json[];
}

export interface JobCreateRequest {
  /** Before there is a job: a record that cannot be written is found without one. */
  render(batch: Batch): Promise<RenderedJob>;
  /** Sends the request, with a file where the records go so. */
  send<Result>(rendered: RenderedJob, batchId: string, send: (request: RenderedRequest) => Promise<Result>): Promise<Result>;
  readJob(body: Json): Promise<string | undefined>;
}

/** Compiles the request that makes a job: with the records in its body, or as a file of it; or without them, where they are uploaded. */
export function compileJobCreate(endpoint: WriteEndpoint, bulk: BulkRule, kind: ChangeKind, matchOn: string, where: string): JobCreateRequest {
  const written = { ...endpoint, record: bulk.record, nullAs: bulk.nullAs };
  const { file, id, error: _, busy: __, ...request } = bulk.create;
  const hasRecords = bulk.upload === undefined && file === undefined;
  const body = file === undefined ? (request.body ?? {}) : {};
  const renderCreate = compileWriteRequest({ ...written, ...NO_METHOD, ...request, body }, kind, matchOn, `${where}.create`);
  const writeRecords = compileRecords(written, matchOn);
  const form = file === undefined ? undefined : compileFileForm({ body: bulk.create.body, file }, `${where}.create`);
  const readJob = compileId(id);
  return {
    render: async (batch) => {
      if (hasRecords) return { request: await renderCreate.render(batch), records: [] };
      const { records } = await writeRecords(batch.records);
      return { request: await renderCreate.render({ id: batch.id, records: [] }), records };
    },
    send: ({ request: rendered, records }, batchId, send) =>
      form === undefined ? send(rendered) : form(records, { matchOn, batch: { id: batchId } }, (filled) => send({ ...rendered, body: filled })),
    readJob,
  };
}

export type FileForm = { readonly body?: Json | undefined; readonly file: NonNullable<BulkRule['create']['file']> };

/** Compiles a multipart form for the time of a request: the other parts first, then the file. */
export function compileFileForm({ body, file }: FileForm, where: string) {
  const template = compileTemplate(body ?? {});
  return async <Result>(records: readonly Json[], variables: object, work: (body: NonNullable<HttpRequest['body']>) => Promise<Result>): Promise<Result> => {
    const others = await template.render({ ...variables, columns: columnsOf(records.filter(isJsonObject)) });
    const texts: FormPart[] = Object.entries(isJsonObject(others) ? others : {}).map(([name, value]) => ({
      name,
      text: typeof value === 'string' ? value : JSON.stringify(value),
    }));
    return withRecordsFile(file.as, records, where, (blob) => work({ parts: [...texts, { name: file.part, file: blob, fileName: file.name }] }));
  };
}

/** An answer without an id is told by who asks. */
export function compileId(source: string): (body: Json) => Promise<string | undefined> {
  const expression = compileExpression(source);
  return async (body) => {
    try {
      return keyText(await expression.evaluate(body));
    } catch (error) {
      if (error instanceof ExpressionError) return undefined;
      throw error;
    }
  };
}
