import type { BulkRule, WriteEndpoint } from '../../definition/schema/connector.ts';
import { compileExpression, type Expression } from '../../engine/expression.ts';
import { ExpressionError } from '../../engine/expression-error.ts';
import { isJsonObject, type Json } from '../../engine/json.ts';
import type { ChangeKind } from '../../engine/outcome.ts';
import { compileTemplate } from '../../engine/template.ts';
import type { HttpRequest } from '../../http/http-client.ts';
import type { OutgoingRecord } from '../ports.ts';
import { columnsOf } from './csv.ts';
import { writeFileText } from './file-text.ts';
import { keyText } from './record-reader.ts';
import type { RenderedRequest } from './request-template.ts';
import { compileRecords, compileWriteRequest } from './write-request.ts';

const NO_METHOD = { get: undefined, post: undefined, put: undefined, patch: undefined, delete: undefined };

type Batch = { readonly id: string; readonly records: readonly OutgoingRecord[] };

export interface JobCreateRequest {
  /** The request that makes the job, and what is uploaded to it. Written before there is a job: a record that cannot be written is found without one. */
  render(batch: Batch): Promise<{ readonly request: RenderedRequest; readonly upload?: HttpRequest['body'] }>;
  readJob(body: Json): Promise<string | undefined>;
}

/** Compiles the request that makes a job: with the records in its body, or as a file of it; or without them, where they are uploaded. */
export function compileJobCreate(endpoint: WriteEndpoint, bulk: BulkRule, kind: ChangeKind, matchOn: string, where: string): JobCreateRequest {
  const { create, upload } = bulk;
  const written = { ...endpoint, record: bulk.record, nullAs: bulk.nullAs };
  const { file, id, ...request } = create;
  const body = file === undefined ? (request.body ?? {}) : {};
  const renderCreate = compileWriteRequest({ ...written, ...NO_METHOD, ...request, body }, kind, matchOn, `${where}.create`);
  const writeRecords = compileRecords(written, matchOn);
  const writeForm = file === undefined ? undefined : compileFileForm({ ...create, file }, matchOn, `${where}.create`);
  const jobId = compileExpression(id);
  return {
    render: async (batch) => {
      if (upload === undefined && writeForm === undefined) return { request: await renderCreate.render(batch) };
      const { records } = await writeRecords(batch.records);
      const rendered = await renderCreate.render({ id: batch.id, records: [] });
      if (writeForm !== undefined) return { request: { ...rendered, body: await writeForm(records, batch.id) } };
      return { request: rendered, upload: writeFileText(upload?.as ?? 'csv', records, `${where}.upload`) };
    },
    readJob: async (answer) => keyText(await valueAt(jobId, answer)),
  };
}

type FileForm = Pick<BulkRule['create'], 'body'> & { readonly file: NonNullable<BulkRule['create']['file']> };

/** Compiles a multipart form: the other parts first, then the file. */
function compileFileForm({ body, file }: FileForm, matchOn: string, where: string) {
  const template = compileTemplate(body ?? {});
  return async (records: readonly Json[], batchId: string): Promise<NonNullable<HttpRequest['body']>> => {
    const others = await template.render({ columns: columnsOf(records.filter(isJsonObject)), matchOn, batch: { id: batchId } });
    const texts = Object.entries(isJsonObject(others) ? others : {}).map(([name, value]) => ({
      name,
      text: typeof value === 'string' ? value : JSON.stringify(value),
    }));
    const written = writeFileText(file.as, records, where);
    const { text, type } = 'text' in written ? written : { text: JSON.stringify('json' in written ? written.json : null), type: 'application/json' };
    return { parts: [...texts, { name: file.part, file: new Blob([text], { type }), fileName: file.name }] };
  };
}

async function valueAt(expression: Expression, body: Json): Promise<Json | undefined> {
  try {
    return await expression.evaluate(body);
  } catch (error) {
    if (error instanceof ExpressionError) return undefined;
    throw error;
  }
}
