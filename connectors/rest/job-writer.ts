import type { BulkRule, ConnectorObject, WriteEndpoint } from '../../definition/schema/connector.ts';
import { parseDuration, parseSize } from '../../engine/duration.ts';
import { SyncError } from '../../engine/errors.ts';
import type { ChangeKind } from '../../engine/outcome.ts';
import type { Classification, HttpAnswer } from '../../http/http-client.ts';
import type { JobAbility, JobCreated, JobRequest, JobWriter, OutgoingRecord } from '../ports.ts';
import { brokenContract, shapeOf } from './broken-contract.ts';
import { compileClose } from './job-close.ts';
import { compileJobCreate, type RenderedJob } from './job-create.ts';
import { compilePoll } from './job-look.ts';
import { compileJobTold } from './job-request.ts';
import { compileJobResults } from './job-results.ts';
import { compileUpload } from './job-upload.ts';
import { observe, withoutBodies } from './observe.ts';
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
    everyMs: everyMsOf(bulk),
    beginsWith: bulk.close === undefined ? 'create' : 'close',
    ...(showsAfterMs === undefined ? {} : { showsAfterMs }),
  };
}

/** Compiles how one kind of change is written by jobs. Samples of their requests have no bodies: those hold thousands of records. */
export function compileJobWriter(options: RestTargetOptions, kind: ChangeKind, endpoint: WriteEndpoint, bulk: BulkRule): JobWriter {
  const { client, connection, matchOn, warn } = options;
  const { name } = connection;
  const where = `${name}.${options.objectName}.${kind}.bulk`;
  const create = compileJobCreate(endpoint, bulk, kind, matchOn, where);
  const readTold = compileJobTold(bulk.create, `${where}.create`);
  const upload = bulk.upload === undefined ? undefined : compileUpload(client, name, bulk.upload, matchOn, `${where}.upload`);
  const closing = compileClose(client, name, bulk.close, matchOn, `${where}.close`);
  const abort = bulk.abort === undefined ? undefined : compileRequest(bulk.abort, `${where}.abort`);
  const poll = compilePoll(client, name, bulk.poll, matchOn, `${where}.poll`);
  const search = options.object.search === undefined ? undefined : compileSearch(options);
  const readResults = compileJobResults({ client, connection: name, kind, matchOn, where, search, warn, askPoll: poll.ask }, bulk);
  const asked = ({ observer, signal }: JobRequest) => ({ observer: withoutBodies(observe(name, observer, options.observer)), signal });

  const make = async (batch: Parameters<JobWriter['create']>[0], rendered: RenderedJob): Promise<JobCreated> => {
    const { permit, checkBeforeDispatch, observer } = batch;
    const more = { ...asked(observer === undefined ? {} : { observer }), repeat: 'once', permit, checkBeforeDispatch } as const;
    const { answer, classification } = await create.send(rendered, batch.id, (request) => client.send({ ...request, ...more }));
    if (classification.class !== 'success') {
      if (upload === undefined) return answerOfJobRefusal(answer, classification);
      throw refused(name, `${where}.create`, answer, classification);
    }
    const { refusal, isBusy } = await readTold(answer);
    if (isBusy) throw busy(name, where, everyMsOf(bulk));
    if (refusal !== undefined) return refusedJob(refusal, upload === undefined, `${name} refused ${where}.create`);
    const job = await create.readJob(answer.body);
    if (job === undefined)
      throw withoutId(`${where}: the answer has no id of the job at "${bulk.create.id}". It has: ${shapeOf(answer.body)}.`, upload !== undefined);
    const { records } = rendered;
    const fill = upload === undefined ? {} : { upload: (request: JobRequest) => upload({ job, records, created: answer.body }, asked(request)) };
    return { answer: 'created', job: closing.nameOf(job), ...fill };
  };

  return {
    create: async (batch) => {
      const places = bulk.clears || kind === 'create' ? new Set<number>() : placesOfClears(batch.records);
      if (places.size > 0) {
        batch.permit.release();
        return { answer: 'not-by-job', places };
      }
      let rendered: RenderedJob;
      try {
        rendered = await create.render(batch);
      } catch (error) {
        batch.permit.release();
        return notWritable(error);
      }
      return make(batch, rendered);
    },
    close: (job, request) => closing.close(job, asked(request)),
    look: async (job, request) => (closing.isStaged(job) ? { state: 'open' } : poll.look(job, asked(request))),
    readResults: (job, records, request) => readResults(job, records, asked(request)),
    abort: async (job, request) => {
      if (abort !== undefined) await client.send({ ...(await abort.render({ job, matchOn })), ...asked(request), repeat: 'read' });
    },
  };
}

function everyMsOf({ poll }: BulkRule): number {
  return parseDuration(poll.every) ?? DEFAULT_EVERY_MS;
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

function refusedJob(words: string, hasRecords: boolean, what: string): JobCreated {
  if (hasRecords) return { answer: 'refused', rejection: apiRejection(words, undefined) };
  throw new SyncError({ code: 'REQUEST_REJECTED', retry: 'never', message: `${what}: ${words}. Check the endpoint in the connector.` });
}

/** The API works on as many jobs as it takes: nothing was made. */
export function busy(connection: string, where: string, afterMs: number): SyncError {
  return new SyncError({ code: 'JOB_RUNNING', retry: { afterMs }, message: `${connection} works on as many jobs as it takes; ${where} is asked for again.` });
}

/** A job without an id can be asked for nothing. Where it began by being made, its records may be written. */
function withoutId(message: string, isHarmless: boolean): SyncError {
  const broken = brokenContract(message);
  return isHarmless ? broken : new SyncError({ code: 'WRITE_OUTCOME_UNKNOWN', retry: 'backoff', message: broken.message, cause: broken });
}
