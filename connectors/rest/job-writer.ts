import type { BulkRule, ConnectorObject, WriteEndpoint } from '../../definition/schema/connector.ts';
import { parseDuration, parseSize } from '../../engine/duration.ts';
import { SyncError } from '../../engine/errors.ts';
import type { ChangeKind } from '../../engine/outcome.ts';
import type { Classification, HttpAnswer, HttpRequest } from '../../http/http-client.ts';
import type { JobAbility, JobCreated, JobRequest, JobWriter, OutgoingRecord } from '../ports.ts';
import { brokenContract, shapeOf } from './broken-contract.ts';
import { compileJobCreate, type JobCreateRequest } from './job-create.ts';
import { compileLook } from './job-look.ts';
import { compileJobResults } from './job-results.ts';
import { observe } from './observe.ts';
import { apiRejection } from './read-result.ts';
import { refused } from './refused.ts';
import { compileRequest } from './request-template.ts';
import type { RestTargetOptions } from './rest-target.ts';
import { compileSearch } from './search.ts';
import { notWritable } from './writer.ts';

const DEFAULT_EVERY_MS = 5_000;
const DEFAULT_MAX_BYTES = 50_000_000;

export function jobAbilityOf(bulk: BulkRule, search: ConnectorObject['search']): JobAbility {
  const showsAfterMs = bulk.unlisted === undefined ? undefined : parseDuration(search?.indexingDelay ?? '0s');
  return {
    ...(bulk.use === 'asked' ? { isWhenAsked: true } : {}),
    from: bulk.from,
    maxRecords: bulk.max,
    maxBytes: parseSize(bulk.maxBytes) ?? DEFAULT_MAX_BYTES,
    everyMs: parseDuration(bulk.poll.every) ?? DEFAULT_EVERY_MS,
    beginsWith: bulk.close === undefined ? 'create' : 'close',
    ...(showsAfterMs === undefined ? {} : { showsAfterMs }),
  };
}

/** Compiles how one kind of change is written by jobs. Requests of a job are not kept as samples: they hold thousands of records. */
export function compileJobWriter(options: RestTargetOptions, kind: ChangeKind, endpoint: WriteEndpoint, bulk: BulkRule): JobWriter {
  const { client, connection, matchOn, warn } = options;
  const where = `${connection.name}.${options.objectName}.${kind}.bulk`;
  const create = compileJobCreate(endpoint, bulk, kind, matchOn, where);
  const upload = bulk.upload === undefined ? undefined : compileRequest({ ...bulk.upload, as: undefined }, `${where}.upload`);
  const close = bulk.close === undefined ? undefined : compileRequest(bulk.close, `${where}.close`);
  const abort = bulk.abort === undefined ? undefined : compileRequest(bulk.abort, `${where}.abort`);
  const look = compileLook(client, connection.name, bulk.poll, matchOn, `${where}.poll`);
  const search = options.object.search === undefined ? undefined : compileSearch(options);
  const readResults = compileJobResults({ client, connection: connection.name, kind, matchOn, where, search, warn }, bulk);
  const asked = ({ observer, signal }: JobRequest) => {
    const { onExchange: _, ...quiet } = observe(connection.name, options.observer, observer);
    return { observer: quiet, signal };
  };

  const uploadOf = (job: string, body: HttpRequest['body']) => async (request: JobRequest) => {
    if (upload === undefined || body === undefined) return 'taken' as const;
    const sent = { ...(await upload.render({ job, matchOn })), body, ...asked(request), repeat: 'once' } as const;
    const { answer, classification } = await client.send(sent);
    if (classification.class === 'too-large') return 'too-large' as const;
    if (classification.class !== 'success') throw refused(connection.name, `${where}.upload`, answer, classification);
    return 'taken' as const;
  };

  return {
    create: async (batch): Promise<JobCreated> => {
      const places = bulk.clears || kind === 'create' ? new Set<number>() : placesOfClears(batch.records);
      if (places.size > 0) {
        batch.permit.release();
        return { answer: 'not-by-job', places };
      }
      let rendered: Awaited<ReturnType<JobCreateRequest['render']>>;
      try {
        rendered = await create.render(batch);
      } catch (error) {
        batch.permit.release();
        return notWritable(error);
      }
      const { permit, checkBeforeDispatch, observer } = batch;
      const more = asked(observer === undefined ? {} : { observer });
      const { answer, classification } = await client.send({ ...rendered.request, ...more, repeat: 'once', permit, checkBeforeDispatch });
      if (classification.class !== 'success') {
        if (upload === undefined) return answerOfJobRefusal(answer, classification);
        throw refused(connection.name, `${where}.create`, answer, classification);
      }
      const job = await create.readJob(answer.body);
      if (job === undefined)
        throw withoutId(`${where}: the answer has no id of the job at "${bulk.create.id}". It has: ${shapeOf(answer.body)}.`, upload !== undefined);
      return { answer: 'created', job, ...(upload === undefined ? {} : { upload: uploadOf(job, rendered.upload) }) };
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

/** An empty cell of a file says nothing: a record that is to lose a value needs a request. */
function placesOfClears(records: readonly OutgoingRecord[]): ReadonlySet<number> {
  return new Set(records.flatMap(({ fields }, place) => (Object.values(fields).includes(null) ? [place] : [])));
}

/** Refused as a whole: halved until the bad records stand alone. */
function answerOfJobRefusal(answer: HttpAnswer, classification: Classification): Extract<JobCreated, { readonly answer: 'too-large' | 'refused' }> {
  if (classification.class === 'too-large') return { answer: 'too-large' };
  const message = 'message' in classification ? classification.message : `status ${answer.status}`;
  return { answer: 'refused', rejection: apiRejection(message, 'apiCode' in classification ? classification.apiCode : undefined) };
}

/** A job without an id can be asked for nothing. Where it began by being made, its records may be written. */
function withoutId(message: string, isHarmless: boolean): SyncError {
  const broken = brokenContract(message);
  return isHarmless ? broken : new SyncError({ code: 'WRITE_OUTCOME_UNKNOWN', retry: 'backoff', message: broken.message, cause: broken });
}
