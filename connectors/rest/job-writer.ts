import type { BulkRule, WriteEndpoint } from '../../definition/schema/connector.ts';
import { parseDuration, parseSize } from '../../engine/duration.ts';
import { SyncError } from '../../engine/errors.ts';
import { compileExpression, type Expression } from '../../engine/expression.ts';
import { ExpressionError } from '../../engine/expression-error.ts';
import type { Json } from '../../engine/json.ts';
import type { ChangeKind } from '../../engine/outcome.ts';
import type { Classification, HttpAnswer, HttpRequest } from '../../http/http-client.ts';
import type { JobAbility, JobCreated, JobRequest, JobWriter } from '../ports.ts';
import { brokenContract, shapeOf } from './broken-contract.ts';
import { writeFileText } from './file-text.ts';
import { compileLook } from './job-look.ts';
import { compileJobResults } from './job-results.ts';
import { observe } from './observe.ts';
import { apiRejection } from './read-result.ts';
import { keyText } from './record-reader.ts';
import { refused } from './refused.ts';
import { compileRequest } from './request-template.ts';
import type { RestTargetOptions } from './rest-target.ts';
import { compileRecords, compileWriteRequest } from './write-request.ts';
import { notWritable } from './writer.ts';

const DEFAULT_EVERY_MS = 5_000;
const DEFAULT_MAX_BYTES = 50_000_000;
const NO_METHOD = { get: undefined, post: undefined, put: undefined, patch: undefined, delete: undefined };

export function jobAbilityOf(bulk: BulkRule): JobAbility {
  return {
    from: bulk.from,
    maxRecords: bulk.max,
    maxBytes: parseSize(bulk.maxBytes) ?? DEFAULT_MAX_BYTES,
    everyMs: parseDuration(bulk.poll.every) ?? DEFAULT_EVERY_MS,
    beginsWith: bulk.close === undefined ? 'create' : 'close',
  };
}

/** Compiles how one kind of change is written by jobs. Requests of a job are not kept as samples: they hold thousands of records. */
export function compileJobWriter(options: RestTargetOptions, kind: ChangeKind, endpoint: WriteEndpoint, bulk: BulkRule): JobWriter {
  const { client, connection, matchOn, warn } = options;
  const where = `${connection.name}.${options.objectName}.${kind}.bulk`;
  const written = { ...endpoint, record: bulk.record, nullAs: bulk.nullAs };
  const create = compileWriteRequest({ ...written, ...NO_METHOD, body: {}, ...bulk.create }, kind, matchOn, `${where}.create`);
  const jobId = compileExpression(bulk.create.id);
  const writeRecords = compileRecords(written, matchOn);
  const upload = bulk.upload === undefined ? undefined : { rule: bulk.upload, request: compileRequest({ ...bulk.upload, as: undefined }, `${where}.upload`) };
  const close = bulk.close === undefined ? undefined : compileRequest(bulk.close, `${where}.close`);
  const abort = bulk.abort === undefined ? undefined : compileRequest(bulk.abort, `${where}.abort`);
  const look = compileLook(client, connection.name, bulk.poll, matchOn, `${where}.poll`);
  const readResults = compileJobResults({ client, connection: connection.name, kind, matchOn, where, warn }, bulk.results);
  const asked = ({ observer, signal }: JobRequest) => {
    const { onExchange: _, ...quiet } = observe(connection.name, options.observer, observer);
    return { observer: quiet, signal };
  };

  const uploadOf = (job: string, body: HttpRequest['body']) => async (request: JobRequest) => {
    if (upload === undefined || body === undefined) return 'taken' as const;
    const sent = { ...(await upload.request.render({ job, matchOn })), body, ...asked(request), repeat: 'once' } as const;
    const { answer, classification } = await client.send(sent);
    if (classification.class === 'too-large') return 'too-large' as const;
    if (classification.class !== 'success') throw refused(connection.name, `${where}.upload`, answer, classification);
    return 'taken' as const;
  };

  return {
    create: async (batch): Promise<JobCreated> => {
      let body: HttpRequest['body'];
      let rendered: Awaited<ReturnType<typeof create.render>>;
      try {
        // Before there is a job: a record that cannot be written is found without one.
        if (upload !== undefined) body = writeFileText(upload.rule.as, (await writeRecords(batch.records)).records, `${where}.upload`);
        rendered = await create.render({ id: batch.id, records: upload === undefined ? batch.records : [] });
      } catch (error) {
        batch.permit.release();
        return notWritable(error);
      }
      const { permit, checkBeforeDispatch, observer } = batch;
      const more = asked(observer === undefined ? {} : { observer });
      const { answer, classification } = await client.send({ ...rendered, ...more, repeat: 'once', permit, checkBeforeDispatch });
      if (classification.class !== 'success') {
        if (upload === undefined) return answerOfJobRefusal(answer, classification);
        throw refused(connection.name, `${where}.create`, answer, classification);
      }
      const job = keyText(await valueAt(jobId, answer.body));
      if (job === undefined)
        throw withoutId(`${where}: the answer has no id of the job at "${bulk.create.id}". It has: ${shapeOf(answer.body)}.`, upload !== undefined);
      return { answer: 'created', job, ...(upload === undefined ? {} : { upload: uploadOf(job, body) }) };
    },
    close: async (job, request) => {
      if (close === undefined) return {};
      const { answer, classification } = await client.send({ ...(await close.render({ job, matchOn })), ...asked(request), repeat: 'read' });
      return classification.class === 'success' ? {} : { refused: refused(connection.name, `${where}.close`, answer, classification).message };
    },
    look: (job, request) => look(job, asked(request)),
    readResults: (job, records, request) => readResults(job, records, asked(request)),
    abort: async (job, request) => {
      if (abort !== undefined) await client.send({ ...(await abort.render({ job, matchOn })), ...asked(request), repeat: 'read' });
    },
  };
}

/** Refused as a whole: halved until the bad records stand alone. */
function answerOfJobRefusal(answer: HttpAnswer, classification: Classification): Exclude<JobCreated, { readonly answer: 'created' }> {
  if (classification.class === 'too-large') return { answer: 'too-large' };
  const message = 'message' in classification ? classification.message : `status ${answer.status}`;
  return { answer: 'refused', rejection: apiRejection(message, 'apiCode' in classification ? classification.apiCode : undefined) };
}

/** A job without an id can be asked for nothing. Where it began by being made, its records may be written. */
function withoutId(message: string, isHarmless: boolean): SyncError {
  const broken = brokenContract(message);
  return isHarmless ? broken : new SyncError({ code: 'WRITE_OUTCOME_UNKNOWN', retry: 'backoff', message: broken.message, cause: broken });
}

async function valueAt(expression: Expression, body: Json): Promise<Json | undefined> {
  try {
    return await expression.evaluate(body);
  } catch (error) {
    if (error instanceof ExpressionError) return undefined;
    throw error;
  }
}
