import { setTimeout as sleep } from 'node:timers/promises';
import { Context } from '@temporalio/activity';
import type { Permit, WriteAbility } from '../connectors/ports.ts';
import { SyncError } from '../engine/errors.ts';
import type { SyncMode } from '../engine/outcome.ts';
import { activityRetryDelay, requestRetryDelay } from '../engine/retry-timing.ts';
import type { ClaimedBatch, UnknownBatch } from '../ledger/ledger.ts';
import { outcomesOf } from './batch-outcomes.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { FieldMerger, type SentFields } from './field-merger.ts';
import { isByJob, neverBegan, sendWithinMs } from './job-batch.ts';
import { JobSender } from './job-sender.ts';
import { AttemptLog } from './request-meter.ts';
import { adoptOutcomes, searchOutcomes } from './search-outcomes.ts';
import type { SenderParts } from './sender-parts.ts';
import { meterBatch } from './step-meter.ts';

/** Requests that one batch may cost within one activity attempt before the wait becomes durable. */
const QUICK_REPEATS = 5;

/** A batch as last seen: who has taken it since holds another token. */
type HeldBatch = Pick<UnknownBatch, 'id' | 'token'> & ({ readonly size: number } | { readonly changes: readonly unknown[] });

/** Sends one claimed batch and settles what became of it: the write protocol of design.md section 5. */
export class BatchSender {
  readonly #parts: SenderParts;
  readonly #merger: FieldMerger;
  readonly #jobs: JobSender;
  /** Requests that surely never arrived, in a row. */
  #unreachable = 0;

  constructor(parts: SenderParts) {
    this.#parts = parts;
    this.#merger = new FieldMerger(parts.dependencies, parts.context, parts.target);
    this.#jobs = new JobSender({
      ...parts,
      settle: (batch, outcomes, log) => this.#settle(batch, outcomes, log),
      afterFailure: (batch, log, error) => this.#afterFailure(batch, log, error),
      checkClaim: (batch) => this.#checkClaim(batch),
    });
  }

  /** A batch that was claimed before there was a permit for it: where none is had, it is planned again. @throws as `send` */
  async sendHanded(batch: ClaimedBatch, acquirePermit: () => Promise<Permit>): Promise<void> {
    let permit: Permit;
    try {
      permit = await acquirePermit();
    } catch (error) {
      await this.#settle(batch, againAll(batch)).catch(ignoreClaimLost);
      this.#parts.unknown.releaseToken(batch.token);
      throw error;
    }
    await this.send(batch, permit);
  }

  /** @throws SyncError where the whole attempt should wait or stop; the batch is settled, unknown or planned again by then */
  async send(batch: ClaimedBatch, permit: Permit): Promise<void> {
    const { unknown, target, context } = this.#parts;
    unknown.holdToken(batch.token);
    try {
      if (context.run.options.adopt === true) {
        permit.release();
        await this.#settle(batch, await adoptOutcomes(target, batch));
      } else if (mustLookFirst(batch, context.mode) && target.canSearch) {
        // The search takes a place of its own: holding one meanwhile could starve it.
        permit.release();
        if (!(await this.#settleExisting(batch))) await this.#renewAndSend(batch);
      } else if (this.#merger.isNeeded(batch)) {
        permit.release();
        await this.#mergeAndSend(batch, false);
      } else {
        await this.#sendAndSettle(batch, permit);
      }
    } catch (error) {
      if (!isClaimLost(error)) throw error;
      // Another attempt holds the batch now, and settles it.
    } finally {
      permit.release();
      unknown.releaseToken(batch.token);
    }
  }

  /** Looks into a write whose answer was lost: sends it again where that does no harm, else searches, else holds it for a person. */
  async resolve(lost: UnknownBatch): Promise<void> {
    const { unknown, target, poison, context, dependencies } = this.#parts;
    try {
      const ability = target.abilities[lost.kind];
      if ((lost.job !== undefined && lost.job.state !== 'gone') || neverBegan(target, lost)) {
        await this.#withClaim(lost, (batch) => this.#jobs.goOn(batch));
      } else if (ability !== undefined && isRepeatable(ability, dependencies.now() - lost.sendBy)) {
        this.#parts.meter.countRetry();
        if (this.#merger.isNeeded(lost)) await this.#withClaim(lost, (batch) => this.#mergeAndSend(batch, true));
        else await this.#renewAndSend(lost);
      } else {
        await this.#withClaim(lost, async (batch) => {
          const found = target.canSearch ? await searchOutcomes(target, batch, { when: 'after-lost-answer', mode: context.mode }) : hold(batch);
          await this.#settle(batch, poison.isolateLost(batch, found));
        });
      }
    } catch (error) {
      if (!isClaimLost(error)) throw error;
    } finally {
      unknown.finish(lost.id);
    }
  }

  /** What others changed there is looked at first. Where something is settled by that, the rest is planned again, and sent next time. */
  async #mergeAndSend(batch: ClaimedBatch, isRepeat: boolean): Promise<void> {
    const { settled, toSend } = await this.#merger.merge(batch, isRepeat);
    if (settled.length === 0) return this.#renewAndSend(batch, toSend);
    const decided = new Set(settled.map(({ changeId }) => changeId));
    const others = batch.changes.filter(({ id }) => !decided.has(id)).map(({ id }) => ({ changeId: id, outcome: 'again' }) as const);
    await this.#settle(batch, [...settled, ...others]);
  }

  /**
   * A permit first, then a young claim, then the request.
   * @param toSend by change: what is sent in the place of all its fields
   */
  async #renewAndSend(held: HeldBatch, toSend?: ReadonlyMap<number, SentFields>): Promise<void> {
    const permit = await this.#parts.target.acquirePermit(Context.current().cancellationSignal);
    try {
      await this.#withClaim(held, (batch) => this.#sendAndSettle(withFields(batch, toSend), permit));
    } finally {
      permit.release();
    }
  }

  async #withClaim(held: HeldBatch, work: (batch: ClaimedBatch) => Promise<void>): Promise<void> {
    const { ledger, now, makeToken } = this.#parts.dependencies;
    const token = makeToken();
    this.#parts.unknown.holdToken(token);
    try {
      const sendBy = now() + sendWithinMs('size' in held ? held.size : held.changes.length);
      await work(await ledger.takeOver({ batchId: held.id, from: held.token, token, sendBy, at: now() }));
    } finally {
      this.#parts.unknown.releaseToken(token);
    }
  }

  /** Creates whose record the target already has become updates, as the mode allows. @returns false when all are to be sent as they are */
  async #settleExisting(batch: ClaimedBatch): Promise<boolean> {
    const outcomes = await searchOutcomes(this.#parts.target, batch, { when: 'before-sending', mode: this.#parts.context.mode });
    const isNew = outcomes.every((outcome) => outcome.outcome === 'again' && outcome.targetId === undefined);
    if (!isNew) await this.#settle(batch, outcomes);
    return !isNew;
  }

  async #sendAndSettle(batch: ClaimedBatch, permit: Permit): Promise<void> {
    const { kind, changes } = batch;
    if (isByJob(this.#parts.target, { kind, size: changes.length })) return this.#jobs.begin(batch, permit);
    const log = new AttemptLog();
    try {
      const answer = await this.#parts.target.send({
        id: batch.id,
        kind: batch.kind,
        records: batch.changes,
        permit,
        observer: log,
        checkBeforeDispatch: () => this.#checkClaim(batch),
      });
      this.#unreachable = 0;
      this.#parts.poison.notePassed();
      if (answer.answer === 'too-large') await this.#parts.limits.learn(batch);
      await this.#settle(batch, outcomesOf(batch, answer, this.#parts.context.sensitiveFields), log);
    } catch (error) {
      await this.#afterFailure(batch, log, error);
    }
  }

  /** The last look before a byte leaves: the claim is still ours, and young, and so is the attempt. */
  async #checkClaim(batch: ClaimedBatch): Promise<void> {
    const { ledger, now } = this.#parts.dependencies;
    this.#parts.pulse.throwIfLost();
    const isOurs = await ledger.holdsBatch(batch.id, batch.token);
    if (isOurs && now() <= batch.sendBy) return;
    throw new SyncError({
      code: 'CLAIM_LOST',
      retry: { afterMs: 100 },
      message: 'The claim on a batch grew too old before it could be sent; nothing was sent.',
    });
  }

  async #afterFailure(batch: ClaimedBatch, log: AttemptLog, error: unknown): Promise<void> {
    if (error instanceof SyncError && error.code !== 'WRITE_OUTCOME_UNKNOWN') {
      await this.#settle(batch, againAll(batch), log);
      await this.#pauseOrThrow(error);
      return;
    }
    const isolated = error instanceof SyncError ? await this.#parts.poison.judge(batch, error) : undefined;
    if (isolated !== undefined) return this.#settle(batch, isolated, log);
    const { ledger, now, random } = this.#parts.dependencies;
    this.#parts.context.samples.takeBatch(batch, log.exchanges, false);
    await ledger.markUnknown({ batchId: batch.id, token: batch.token, attempts: log.attempts, cost: this.#parts.meter.take(), at: now() });
    if (!(error instanceof SyncError)) throw error;
    const ability = this.#parts.target.abilities[batch.kind];
    if (ability === undefined || !isRepeatable(ability, 0)) return;
    if (batch.attempts >= QUICK_REPEATS && batch.attempts % QUICK_REPEATS === 0) {
      throw new SyncError({ code: 'SYSTEM_UNAVAILABLE', retry: 'backoff', message: error.message, details: error.details, cause: error });
    }
    this.#parts.unknown.repeatAfter(batch.id, requestRetryDelay({ failures: Math.max(1, batch.attempts), random }));
  }

  /** Nothing was applied: short waits are slept here, long ones and refusals end the attempt. */
  async #pauseOrThrow(error: SyncError): Promise<void> {
    if (isClaimLost(error)) return;
    if (error.code === 'RATE_LIMITED' && typeof error.retry === 'object' && error.retry.afterMs <= 5_000) {
      await sleep(error.retry.afterMs, undefined, { signal: Context.current().cancellationSignal });
      return;
    }
    this.#unreachable += 1;
    if (error.retry !== 'backoff' || this.#unreachable > QUICK_REPEATS) throw error;
    await sleep(requestRetryDelay({ failures: this.#unreachable, random: this.#parts.dependencies.random }));
  }

  async #settle(
    batch: ClaimedBatch,
    outcomes: Parameters<ActivityDependencies['ledger']['settleBatch']>[0]['outcomes'],
    log = new AttemptLog(),
  ): Promise<void> {
    const { ledger, now, random } = this.#parts.dependencies;
    const { terms, samples } = this.#parts.context;
    const isAnyRejected = outcomes.some(({ outcome }) => outcome === 'rejected' || outcome === 'held');
    samples.takeBatch(batch, log.exchanges, isAnyRejected);
    await ledger.settleBatch({ batchId: batch.id, token: batch.token, outcomes, terms, attempts: log.attempts, cost: this.#parts.meter.take(), at: now() });
    meterBatch(this.#parts.dependencies, this.#parts.context.definition.ref.sync, batch.kind, outcomes);
    // What the answer did not mention stays unknown, and is asked for again soon where that does no harm.
    if (outcomes.length < batch.changes.length) this.#parts.unknown.repeatAfter(batch.id, activityRetryDelay(1, random));
  }
}

function withFields(batch: ClaimedBatch, toSend: ReadonlyMap<number, SentFields> | undefined): ClaimedBatch {
  return toSend === undefined ? batch : { ...batch, changes: batch.changes.map((change) => ({ ...change, ...toSend.get(change.id) })) };
}

/** What the target must be asked before: whether a record is there, and where. */
function mustLookFirst(batch: ClaimedBatch, mode: SyncMode): boolean {
  return batch.kind === 'create' || (mode === 'update' && batch.changes.some((change) => change.targetId === undefined));
}

/** An idempotency key covers a repetition only while the target remembers it. */
function isRepeatable(ability: WriteAbility, ageMs: number): boolean {
  return ability.isRepeatable || (ability.idempotencyTtlMs !== undefined && ageMs < ability.idempotencyTtlMs);
}

function isClaimLost(error: unknown): boolean {
  return error instanceof SyncError && error.code === 'CLAIM_LOST';
}

function ignoreClaimLost(error: unknown): void {
  if (!isClaimLost(error)) throw error;
}

function againAll(batch: ClaimedBatch) {
  return batch.changes.map((change) => ({ changeId: change.id, outcome: 'again' }) as const);
}

function hold(batch: ClaimedBatch) {
  const message = 'The answer to this write was lost, and the target cannot be searched: look there, then decide.';
  return batch.changes.map((change) => ({ changeId: change.id, outcome: 'held', reason: 'unknown', message }) as const);
}
