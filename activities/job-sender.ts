import { Context } from '@temporalio/activity';
import type { JobCreated, JobRequest, JobWriter, Permit, WriteAbility, WriteResult } from '../connectors/ports.ts';
import { SyncError } from '../engine/errors.ts';
import type { BatchJob, ChangeOutcome, ClaimedBatch } from '../ledger/ledger.ts';
import { outcomesOf, outcomeTerms } from './batch-outcomes.ts';
import { AttemptLog } from './request-meter.ts';
import type { SenderParts } from './sender-parts.ts';

/** So often a record goes into a job that ends without having processed it. */
const MOST_JOBS = 5;

export interface JobSenderParts extends SenderParts {
  readonly settle: (batch: ClaimedBatch, outcomes: readonly ChangeOutcome[], log?: AttemptLog) => Promise<void>;
  /** Of a job's first request that failed: as of any request. */
  readonly afterFailure: (batch: ClaimedBatch, log: AttemptLog, error: unknown) => Promise<void>;
  readonly checkClaim: (batch: ClaimedBatch) => Promise<void>;
}

/**
 * Writes batches by jobs of the target. A job's id is in the ledger before it is filled, and that it may have begun before it is: so what never began is planned again, and what
 * may have begun is asked for its results by whoever comes next, never sent twice. Nobody waits with a job: its batch is let go of, and taken up again when it is due.
 */
export class JobSender {
  readonly #parts: JobSenderParts;

  constructor(parts: JobSenderParts) {
    this.#parts = parts;
  }

  /** Makes, fills and begins the job of a batch. Throws what ends the attempt; the batch is then planned again, or its job is in the ledger. */
  async begin(batch: ClaimedBatch, permit: Permit): Promise<void> {
    const log = new AttemptLog();
    const writer = this.#writerOf(batch);
    const created = await this.#create(batch, writer, permit, log);
    if (created === undefined) return;
    if (created.answer === 'not-by-job') return this.#parts.settle(batch, withoutJob(batch, created.places, this.#parts.target.abilities[batch.kind]), log);
    if (created.answer !== 'created') return this.#parts.settle(batch, outcomesOf(batch, created, outcomeTerms(this.#parts)), log);
    if (created.upload === undefined) return this.#note(batch, { id: created.job, state: 'begun', dueAt: this.#nextLook(batch) }, log);
    await this.#note(batch, { id: created.job, state: 'open', dueAt: this.#now() + 2 * this.#parts.target.requestTimeoutMs }, log);
    if (!(await this.#fill(batch, writer, created.job, created.upload, log))) return;
    const begun = { id: created.job, state: 'begun', dueAt: this.#nextLook(batch) } as const;
    await this.#note(batch, begun, log);
    await this.#close(batch, writer, begun);
  }

  /** Takes up the job of a batch that nobody holds any more, as the ledger knew it when the batch was taken over. */
  async goOn(batch: ClaimedBatch): Promise<void> {
    const { job } = batch;
    const writer = this.#writerOf(batch);
    if (job === undefined || job.state === 'open') {
      if (job !== undefined) await this.#abort(writer, job.id);
      return this.#planAgain(batch);
    }
    const log = new AttemptLog();
    const request = this.#request(log);
    const look = await writer.look(job.id, request);
    switch (look.state) {
      case 'open':
        await this.#note(batch, { ...job, dueAt: this.#nextLook(batch) });
        return this.#close(batch, writer, job);
      case 'running':
        return this.#note(batch, { ...job, dueAt: this.#nextLook(batch) });
      case 'gone':
        return this.#note(batch, { ...job, state: 'gone' });
      default: {
        const showsAfterMs = this.#parts.target.abilities[batch.kind]?.jobs?.showsAfterMs ?? 0;
        if (showsAfterMs > 0 && job.state === 'begun') return this.#note(batch, { ...job, state: 'ended', dueAt: this.#now() + showsAfterMs });
        const results = await writer.readResults(job.id, batch.changes, request);
        const judged = judge(batch, results, look.state === 'failed' ? look.message : undefined);
        return this.#parts.settle(batch, outcomesOf(batch, { answer: 'results', results: judged }, outcomeTerms(this.#parts)), log);
      }
    }
  }

  /** @returns undefined where it failed, and all is said of the batch */
  async #create(batch: ClaimedBatch, writer: JobWriter, permit: Permit, log: AttemptLog): Promise<JobCreated | undefined> {
    try {
      const checkBeforeDispatch = () => this.#parts.checkClaim(batch);
      return await writer.create({ id: batch.id, kind: batch.kind, records: batch.changes, permit, observer: log, checkBeforeDispatch });
    } catch (error) {
      await this.#parts.afterFailure(batch, log, this.#isHarmless(batch, error) ? passing(error) : error);
      return undefined;
    }
  }

  /** A job that was made and not begun has done nothing, whether its answer came or not. */
  #isHarmless(batch: ClaimedBatch, error: unknown): error is SyncError {
    const isLost = error instanceof SyncError && error.code === 'WRITE_OUTCOME_UNKNOWN';
    return isLost && this.#parts.target.abilities[batch.kind]?.jobs?.beginsWith === 'close';
  }

  /** @returns false where nothing could be filled in: the batch is planned again */
  async #fill(
    batch: ClaimedBatch,
    writer: JobWriter,
    job: string,
    upload: NonNullable<Extract<JobCreated, { answer: 'created' }>['upload']>,
    log: AttemptLog,
  ): Promise<boolean> {
    try {
      if ((await upload(this.#request(log))) === 'taken') return true;
    } catch (error) {
      await this.#abort(writer, job);
      await this.#parts.afterFailure(batch, log, error instanceof SyncError && error.code === 'WRITE_OUTCOME_UNKNOWN' ? passing(error) : error);
      return false;
    }
    await this.#abort(writer, job);
    await this.#parts.limits.learn(batch);
    await this.#parts.settle(batch, outcomesOf(batch, { answer: 'too-large' }, outcomeTerms(this.#parts)), log);
    return false;
  }

  /** Where no answer comes, the next look tells whether it is to be begun once more. */
  async #close(batch: ClaimedBatch, writer: JobWriter, { id }: BatchJob): Promise<void> {
    const { refused, job, isBusy } = await writer.close(id, this.#request());
    if (job !== undefined) await this.#note(batch, { id: job, state: 'begun', dueAt: this.#nextLook(batch) });
    if (isBusy === true || refused === undefined || (await writer.look(id, this.#request())).state !== 'open') return;
    await this.#abort(writer, id);
    await this.#planAgain(batch);
    throw new SyncError({ code: 'REQUEST_REJECTED', retry: 'never', message: refused });
  }

  /** A courtesy: nobody can begin it any more. */
  async #abort(writer: JobWriter, job: string): Promise<void> {
    try {
      await writer.abort(job, this.#request());
    } catch (error) {
      this.#parts.dependencies.log.warn({ runId: this.#parts.context.run.id, error }, 'a job that was not begun could not be given up at the target');
    }
  }

  async #note(batch: ClaimedBatch, job: BatchJob, log = new AttemptLog()): Promise<void> {
    const { ledger } = this.#parts.dependencies;
    await ledger.noteJob({ batchId: batch.id, token: batch.token, job, attempts: log.attempts.splice(0), cost: this.#parts.meter.take(), at: this.#now() });
  }

  #planAgain(batch: ClaimedBatch): Promise<void> {
    return this.#parts.settle(
      batch,
      batch.changes.map(({ id }) => ({ changeId: id, outcome: 'again' })),
    );
  }

  /** Told of each request, not of what it holds. */
  #request(log?: AttemptLog): JobRequest {
    const observer = log === undefined ? {} : { observer: { onRequest: (request: Parameters<AttemptLog['onRequest']>[0]) => log.onRequest(request) } };
    return { ...observer, signal: Context.current().cancellationSignal };
  }

  #nextLook(batch: ClaimedBatch): number {
    return this.#now() + (this.#parts.target.abilities[batch.kind]?.jobs?.everyMs ?? 0);
  }

  #writerOf({ kind }: ClaimedBatch): JobWriter {
    const writer = this.#parts.target.jobs?.[kind];
    if (writer !== undefined) return writer;
    throw new SyncError({ code: 'DEFINITION_INVALID', retry: 'never', message: `The connector says no more how a ${kind} is written by jobs.` });
  }

  #now(): number {
    return this.#parts.dependencies.now();
  }
}

/** What no job can write goes by requests, the rest into another job. */
function withoutJob(batch: ClaimedBatch, places: ReadonlySet<number>, ability: WriteAbility | undefined): readonly ChangeOutcome[] {
  const batchLimit = Math.max(1, ability?.maxRecords ?? 1);
  const byRequest = { batchLimit, group: `${batch.id}.requests` };
  return batch.changes.map(({ id }, place) => ({ changeId: id, outcome: 'again', ...(places.has(place) ? byRequest : {}) }));
}

/** What a job left unprocessed goes into another one; not for ever, and not where the job itself is what is wrong. */
function judge(batch: ClaimedBatch, results: readonly WriteResult[], failure: string | undefined): readonly WriteResult[] {
  const isInVain = failure !== undefined && results.every(({ outcome }) => outcome === 'again' || outcome === 'unknown');
  return results.map((result, index) => {
    const isTooOften = (batch.changes[index]?.earlierBatches ?? 0) >= MOST_JOBS - 1;
    if (result.outcome !== 'again' || !(isInVain || isTooOften)) return result;
    const message =
      failure === undefined ? `${MOST_JOBS} jobs of the target ended without having processed this record.` : `The target gave the job up: ${failure}`;
    return { outcome: 'rejected', rejection: { reason: 'job-failed', message, retry: 'later' } };
  });
}

function passing(error: SyncError): SyncError {
  return new SyncError({ code: 'SYSTEM_UNAVAILABLE', retry: 'backoff', message: error.message, details: error.details, cause: error });
}
